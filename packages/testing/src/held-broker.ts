import { Changes } from './changes.ts';
import {
  type BrokerAnswer,
  type BrokerEmitter,
  type BrokerListener,
  type BrokerMessage,
  MemoryEmitter,
} from './held-broker-emitter.ts';
import { type Held, type HeldDetails, HeldItem, type HeldKind } from './held-broker-item.ts';
import { BrokerLog } from './held-broker-log.ts';
import { readPayload, readTopic, type TopicName } from './held-broker-topic.ts';
import { assertTicksAreReal, withRealImmediates } from './real-timers.ts';

/** How a held broker waits. */
export interface HeldBrokerOptions {
  /** Milliseconds that `whenHeld` waits; real ones, also when timers are faked. @default 4_000 */
  readonly timeoutMs?: number;
}

type BrokerState = { readonly name: 'up' } | { readonly name: 'down'; readonly error: Error };

/** A list of which so many items are known to be there. */
export type AtLeast<
  N extends number,
  T,
  Known extends readonly T[] = readonly [],
> = number extends N
  ? readonly T[]
  : Known['length'] extends N
    ? readonly [...Known, ...T[]]
    : AtLeast<N, T, readonly [...Known, T]>;

/**
 * Makes a broker in memory whose deliveries a test holds, reorders, delays and loses, and that goes
 * down and comes back.
 *
 * Its `emitter` is for the plugin's option of that name; until a test says otherwise it just works.
 */
export function heldBroker(options: HeldBrokerOptions = {}): HeldBroker {
  return new HeldBroker(new Set(), options);
}

/**
 * A broker in memory, as one process sees it; `heldBroker` makes it.
 *
 * A broadcast becomes one delivery for each process that has joined its group. What is said here
 * concerns the process with this `emitter`; `peer` is for others. Only what is for groups is held,
 * delayed and failed; what plugins have to say to each other and to the broker comes through, unless
 * it is down.
 */
export class HeldBroker {
  /** For the plugin's option `emitter`. Apps with the same one count as one process. */
  readonly emitter: BrokerEmitter;
  readonly #emitter: MemoryEmitter;
  readonly #processes: Set<HeldBroker>;
  readonly #options: HeldBrokerOptions;
  readonly #log = new BrokerLog(() => [...this.#held]);
  readonly #changes = new Changes();
  readonly #holding = new Set<HeldKind>();
  readonly #held = new Set<HeldItem>();
  /** What asks whether the broker works, while it does not. */
  readonly #asking = new Map<BrokerListener, BrokerAnswer>();
  #state: BrokerState = { name: 'up' };
  #delayMs = 0;
  #refusal = { times: 0, error: new Error() };

  /** @param processes - those that the broker connects */
  constructor(processes: Set<HeldBroker>, options: HeldBrokerOptions) {
    this.#processes = processes;
    this.#options = options;
    this.#emitter = new MemoryEmitter({
      join: (topic, listener, answer) => this.#join(topic, listener, answer),
      left: (listener) => this.#left(listener),
      broadcast: (message) => this.#broadcast(message),
    });
    this.emitter = this.#emitter;
    processes.add(this);
  }

  /**
   * The same broker as another process sees it: give its `emitter` to a second app. What the one
   * holds, fails or loses, the other need not.
   */
  peer(): HeldBroker {
    return new HeldBroker(this.#processes, this.#options);
  }

  /**
   * Holds what comes from now on, until `release`: each delivery, or with `join` each answer to who
   * wants to join a group.
   *
   * `app.broadcast` resolves all the same, since the broker has taken the event.
   */
  hold(kind: HeldKind = 'delivery'): void {
    this.#holding.add(kind);
  }

  /** Lets all that is held go on, in its order, and holds no more; of one kind, or of both. */
  release(kind?: HeldKind): void {
    for (const each of kind === undefined ? (['join', 'delivery'] as const) : [kind]) {
      this.#holding.delete(each);
    }
    for (const item of this.#held) {
      if (kind === undefined || item.kind === kind) item.end('was released');
    }
  }

  /** What is held, or on its way while there is a delay; the oldest first. */
  get held(): readonly Held[] {
    return [...this.#held];
  }

  /**
   * Waits until so many are held, and gives back all that are, the oldest first.
   *
   * Rejects with an `AssertionError` that shows what was asked of the broker when that takes more
   * than `timeoutMs`.
   */
  whenHeld<N extends number = 1>(count?: N): Promise<AtLeast<N, Held>>;
  async whenHeld(count = 1): Promise<readonly Held[]> {
    assertTicksAreReal();
    const { timeoutMs = 4_000 } = this.#options;
    const findEnough = () => (this.#held.size >= count ? this.held : undefined);
    const found = await withRealImmediates(() => this.#changes.until(findEnough, timeoutMs));
    if (found.kind === 'found') return found.value;
    const isIdle = this.#holding.size === 0 && this.#delayMs === 0;
    throw this.#log.failure({
      expectation: `Expected the broker to hold ${count}`,
      outcome: `after ${timeoutMs} ms it holds ${this.#held.size || 'nothing'}`,
      actual: this.#held.size,
      expected: count,
      notes: isIdle ? ['It holds nothing before hold() or delay() is called'] : [],
      isTimeout: true,
    });
  }

  /**
   * Lets each delivery from now on take so many milliseconds; 0 ends that, and what comes then
   * overtakes what is on its way.
   *
   * These are milliseconds of the test's timers: faked ones have to be advanced.
   */
  delay(ms: number): void {
    if (!(ms >= 0 && ms < 2 ** 31)) throw new RangeError(`A delivery can't take ${ms} ms`);
    this.#delayMs = ms;
  }

  /**
   * Refuses the next broadcast of this process, or the next so many: they fail, and nobody gets
   * them. With 0 they work again.
   */
  fail(times = 1, error: Error = new Error('the test lets it fail')): void {
    if (!(times >= 0)) throw new RangeError(`A broadcast can't fail ${times} times`);
    this.#refusal = { times, error };
  }

  /**
   * The broker goes down for this process: what is held or on its way to it is lost, broadcasts and
   * joins fail, and `emitter.state` tells of the error.
   *
   * @throws an `AssertionError` when it is down already
   */
  down(error: Error = new Error('the test has taken it down')): void {
    this.#assertIs('up');
    this.#state = { name: 'down', error };
    this.#log.remark(`down: ${error.message}`);
    for (const item of this.#held) item.end('was lost when the broker went down', error);
    this.#emitter.report(error);
  }

  /**
   * The broker works again; who had joined a group is still in it. The plugin is told, and tells its
   * subscribers that they may have missed something.
   *
   * @throws an `AssertionError` when it is not down
   */
  back(): void {
    const { error } = this.#assertIs('down');
    // That of the last attempt to connect: apps that came while it was down know of none yet.
    this.#emitter.report(error);
    this.#state = { name: 'up' };
    this.#log.remark('back');
    for (const answer of this.#asking.values()) answer();
    this.#asking.clear();
    this.#emitter.state.emit('subConnect');
    this.#emitter.state.emit('pubConnect');
  }

  /**
   * What this process has asked of the broker and got from it so far, one line each, without the
   * times: the same in each run.
   */
  transcript(): string {
    return this.#log.toString();
  }

  #join(topic: string, listener: BrokerListener, answer: BrokerAnswer): void {
    const name = readTopic(topic);
    if (name === undefined) {
      // As those who have lost their connection do, it waits for the next one.
      if (this.#state.name === 'down') this.#asking.set(listener, answer);
      else answer();
      return;
    }
    this.#log.joining(name, this.#state.name === 'down');
    if (this.#state.name === 'down') answer(this.#state.error);
    else if (!this.#holding.has('join')) answer();
    else this.#hold({ ...name, kind: 'join', topic, listener, go: answer });
  }

  #left(listener: BrokerListener): void {
    this.#asking.delete(listener);
    for (const item of this.#held) {
      if (item.isOf(listener)) item.end('was given up by its process', new Error('it left'));
    }
  }

  #broadcast(message: BrokerMessage): Error | undefined {
    const name = readTopic(message.topic);
    const error = this.#state.name === 'down' ? this.#state.error : this.#takeRefusal(name);
    if (name) this.#log.broadcasting(name, message, error !== undefined);
    if (error) return error;
    for (const process of this.#processes) process.#arrive(message, name);
    return undefined;
  }

  #takeRefusal(name: TopicName | undefined): Error | undefined {
    if (name === undefined || this.#refusal.times < 1) return undefined;
    this.#refusal.times -= 1;
    return this.#refusal.error;
  }

  #arrive(message: BrokerMessage, name: TopicName | undefined): void {
    if (!this.#emitter.hears(message.topic)) return;
    if (this.#state.name === 'down') {
      if (name) this.#log.lost(name, message);
      return;
    }
    const deliver = (error?: Error): void => {
      if (error !== undefined) return;
      if (name) this.#log.delivered(name, message);
      this.#emitter.deliver(message);
    };
    const isHeld = this.#holding.has('delivery');
    if (name === undefined || (!isHeld && this.#delayMs === 0)) {
      deliver();
      return;
    }
    const payload = readPayload(message['payload']);
    const { topic } = message;
    const item = this.#hold({ ...name, kind: 'delivery', payload, topic, go: deliver });
    if (!isHeld) item.delay(this.#delayMs);
  }

  #hold(details: HeldDetails): HeldItem {
    const item = new HeldItem(details, {
      ended: (ended, end) => {
        this.#held.delete(ended);
        if (end !== 'arrived when its delay was over') this.#log.remark(`${ended} ${end}`);
      },
      notHeld: (asked, end) =>
        this.#log.failure({
          expectation: `Expected ${asked} to be held`,
          outcome: `it ${end}`,
          actual: end,
          expected: 'held',
        }),
    });
    this.#held.add(item);
    this.#changes.notify();
    return item;
  }

  #assertIs<Name extends BrokerState['name']>(name: Name): Extract<BrokerState, { name: Name }>;
  #assertIs(name: BrokerState['name']): BrokerState {
    if (this.#state.name === name) return this.#state;
    const expectation = `Expected the broker to be ${name}`;
    const actual = this.#state.name;
    throw this.#log.failure({ expectation, outcome: `it is ${actual}`, actual, expected: name });
  }
}
