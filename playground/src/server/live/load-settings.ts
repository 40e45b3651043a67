import { ChatError } from '../chat-error.ts';

/** What a synthetic load is to be. */
export interface LoadSettings {
  readonly groups: number;
  /** Each has a connection of its own. */
  readonly subscribers: number;
  /** In all groups together. */
  readonly messagesPerSecond: number;
  /** Whether subscribers of a group ask for the same, so that they share results. */
  readonly share: boolean;
  /** Whether there is one more subscriber, of all groups, who reads slowly. */
  readonly slowReader: boolean;
}

/** How much a synthetic load may be. */
export interface LoadLimits {
  readonly groups: number;
  readonly subscribers: number;
  readonly messagesPerSecond: number;
  readonly deliveriesPerSecond: number;
  /** How long it lasts. */
  readonly seconds: number;
}

export const LOAD_LIMITS: LoadLimits = {
  groups: 100,
  subscribers: 1_000,
  messagesPerSecond: 2_000,
  deliveriesPerSecond: 50_000,
  seconds: 300,
};

/** How many results a second a load leads to, without those of the slow reader. */
export function deliveriesPerSecond(settings: LoadSettings): number {
  return (settings.messagesPerSecond * settings.subscribers) / settings.groups;
}

/** @throws ChatError with a sentence for who asked when it is too much, or nothing */
export function checkLoad(settings: LoadSettings): void {
  for (const name of ['groups', 'subscribers', 'messagesPerSecond'] as const) {
    if (settings[name] >= 1 && settings[name] <= LOAD_LIMITS[name]) continue;
    throw new ChatError(`${name} must be 1 to ${LOAD_LIMITS[name]}, got ${settings[name]}`, 400);
  }
  const deliveries = Math.round(deliveriesPerSecond(settings));
  if (deliveries <= LOAD_LIMITS.deliveriesPerSecond) return;
  throw new ChatError(
    `That makes ${deliveries} deliveries a second, at most ${LOAD_LIMITS.deliveriesPerSecond} are allowed`,
    400,
  );
}
