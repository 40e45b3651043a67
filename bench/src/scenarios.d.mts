/** What is measured; `scenarios.mjs` says what each field means. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly kind: 'fan-out' | 'queries' | 'connects' | 'memory';
  readonly connections: number;
  readonly groups?: number;
  readonly messages?: number;
  readonly warmUp?: number;
  readonly perTurn?: number;
  readonly runsAhead?: boolean;
  readonly textBytes?: number;
  readonly distinct?: boolean;
  readonly fields?: number;
  readonly subscriptions?: number;
  readonly pausing?: number;
  readonly gaps?: boolean;
  readonly queries?: number;
  readonly windows: number;
  readonly quick: number;
  readonly goals: readonly {
    readonly figure: 'cpu' | 'rssKb' | 'liveKb';
    readonly row: string;
    readonly unit: string;
    readonly atMost: number;
  }[];
}

export const scenarios: readonly Scenario[];
