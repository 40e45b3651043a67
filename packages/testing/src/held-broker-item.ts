import { cut } from './show.ts';

/** What a broker can hold: a broadcast on its way to a process, or a group that one wants to join. */
export type HeldKind = 'delivery' | 'join';

/** What a held broker holds, or has on its way while it delays. */
export interface Held {
  readonly kind: HeldKind;
  /** The subscription field. */
  readonly field: string;
  /** Absent where all subscribers of the field are meant. */
  readonly group?: string;
  /** What was broadcast, as JSON; a join has none. */
  readonly payload?: unknown;
  /** The broker's name of it. */
  readonly topic: string;
  /**
   * Lets it go on, at once and alone, whatever else is held: so a test changes the order.
   *
   * @throws an `AssertionError` when it is not held any more
   */
  release(): void;
  /**
   * Loses it: a delivery reaches nobody in this process, a join fails.
   *
   * @throws an `AssertionError` when it is not held any more
   */
  drop(): void;
}

/** What there is to know of one when it is held. */
export interface HeldDetails {
  readonly kind: HeldKind;
  readonly field: string;
  readonly group?: string;
  readonly payload?: unknown;
  readonly topic: string;
  /** Who is meant, where it matters that they leave. */
  readonly listener?: object;
  /** Lets it go on, or fail. */
  go(error?: Error): void;
}

/** How one ended, as the end of the sentence "it …". */
export type HeldEnd =
  | 'was released'
  | 'arrived when its delay was over'
  | 'was dropped'
  | 'was lost when the broker went down'
  | 'was given up by its process';

/** Whose it is. */
export interface HeldOwner {
  /** It is held no more. */
  ended(item: HeldItem, end: HeldEnd): void;
  /** The error of who asks something of one that is not held any more. */
  notHeld(item: HeldItem, end: HeldEnd): Error;
}

/** One that is held, or was. */
export class HeldItem implements Held {
  readonly kind: HeldKind;
  readonly field: string;
  readonly group?: string;
  readonly payload?: unknown;
  readonly topic: string;
  readonly #details: HeldDetails;
  readonly #owner: HeldOwner;
  #cancelDelay: () => void = () => {};
  /** Undefined while it is held. */
  #end: HeldEnd | undefined;

  constructor(details: HeldDetails, owner: HeldOwner) {
    const { kind, field, topic } = details;
    this.kind = kind;
    this.field = field;
    if (details.group !== undefined) this.group = details.group;
    if ('payload' in details) this.payload = details.payload;
    this.topic = topic;
    this.#details = details;
    this.#owner = owner;
  }

  release(): void {
    this.#assertHeld();
    this.end('was released');
  }

  drop(): void {
    this.#assertHeld();
    this.end('was dropped', new Error('the test has dropped it'));
  }

  /** Lets it go on by itself after so many milliseconds. */
  delay(ms: number): void {
    // The timers of the moment: where the app's are faked, so is the way between its processes.
    const timer = setTimeout(() => this.end('arrived when its delay was over'), ms);
    this.#cancelDelay = () => clearTimeout(timer);
  }

  /** @param error - why it does not go on */
  end(end: HeldEnd, error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#cancelDelay();
    this.#owner.ended(this, end);
    this.#details.go(error);
  }

  isOf(listener: object): boolean {
    return this.#details.listener === listener;
  }

  toString(): string {
    return `${this.kind} ${describe(this)}`;
  }

  #assertHeld(): void {
    if (this.#end !== undefined) throw this.#owner.notHeld(this, this.#end);
  }
}

/** What is broadcast or joined, as it stands in a line: `onMessage "kittens" {"text":"hi"}`. */
export function describe({
  field,
  group,
  payload,
}: Pick<Held, 'field' | 'group' | 'payload'>): string {
  const parts = [field];
  if (group !== undefined) parts.push(JSON.stringify(group));
  if (payload !== undefined) parts.push(cut(JSON.stringify(payload)));
  return parts.join(' ');
}
