import { EventEmitter } from 'node:events';
import mqemitter, { type Message, type MQEmitter } from 'mqemitter';

/** The calls of an emitter that a test can hold or fail. */
export type EmitterCall = 'on' | 'emit' | 'removeListener' | 'close';

/**
 * What is held: the whole call, which then has no effect until it is released, or only its
 * acknowledgement.
 */
export type HeldPart = 'call' | 'acknowledgement';

/**
 * How a call fails: by calling back with an error, by throwing, by never calling back, or by calling
 * back as if it had worked.
 */
export type FailureWay = 'callback' | 'throw' | 'silence' | 'pretence';

type Listener = (message: Message, done: () => void) => void;
type Callback = (error?: Error) => void;

interface Failure {
  readonly way: FailureWay;
  readonly error: Error;
  times: number;
}

/**
 * An in-memory MQEmitter whose calls a test can hold, release and fail.
 *
 * ```ts
 * const emitter = new HeldEmitter();
 * emitter.hold('on');
 * const joined = groups.join(topic, member); // waits
 * emitter.release('on');
 * await joined;
 * ```
 */
export class HeldEmitter implements MQEmitter {
  /** Where mqemitter-redis reports the errors of its connections: `emitter.state.emit('error', error)`. */
  readonly state: EventEmitter = new EventEmitter();
  /** Every call so far, as it came in: `on some:topic`. */
  readonly calls: string[] = [];
  readonly #inner: MQEmitter;
  readonly #holding = new Map<EmitterCall, HeldPart>();
  readonly #held: { readonly call: EmitterCall; readonly go: (error?: Error) => void }[] = [];
  readonly #failures = new Map<EmitterCall, Failure>();
  #waiters: { readonly call: EmitterCall; readonly count: number; readonly resolve: () => void }[] =
    [];
  readonly #listeners: { readonly topic: string; readonly listener: Listener }[] = [];

  constructor(options?: Parameters<typeof mqemitter>[0]) {
    this.#inner = mqemitter(options);
  }

  get current(): number {
    return this.#inner.current;
  }

  get concurrent(): number {
    return this.#inner.concurrent;
  }

  /** How many listeners were added and not removed again. */
  get listenerCount(): number {
    return this.#listeners.length;
  }

  /** Holds calls of this kind from now on. */
  hold(call: EmitterCall, part: HeldPart = 'call'): void {
    this.#holding.set(call, part);
  }

  /** Lets all held calls of this kind go on, in their order, and holds no further ones. */
  release(call: EmitterCall): void {
    this.#holding.delete(call);
    while (this.heldCount(call) > 0) this.releaseNext(call);
  }

  /**
   * Lets the oldest held call of this kind go on; further ones are still held.
   *
   * @param error - what a held acknowledgement then says, though the call had its effect
   */
  releaseNext(call: EmitterCall, error?: Error): void {
    const index = this.#held.findIndex((held) => held.call === call);
    const [held] = index < 0 ? [] : this.#held.splice(index, 1);
    if (held === undefined) throw new Error(`No ${call} is held`);
    held.go(error);
  }

  heldCount(call: EmitterCall): number {
    return this.#held.filter((held) => held.call === call).length;
  }

  /** Resolves when that many calls of this kind are held. */
  whenHeld(call: EmitterCall, count = 1): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ call, count, resolve });
      this.#checkWaiters();
    });
  }

  /** Makes calls of this kind fail, without any other effect, unless they were begun already. */
  fail(
    call: EmitterCall,
    error: Error,
    {
      way = 'callback',
      times = Number.POSITIVE_INFINITY,
    }: { way?: FailureWay; times?: number } = {},
  ): void {
    this.#failures.set(call, { way, error, times });
  }

  /** Loses events: they are acknowledged, and reach nobody. */
  lose(times: number = Number.POSITIVE_INFINITY): void {
    this.fail('emit', new Error('not told to anybody'), { way: 'pretence', times });
  }

  /** Calls of this kind work again. */
  repair(call: EmitterCall): void {
    this.#failures.delete(call);
  }

  on(topic: string, listener: Listener, callback?: Callback): this {
    this.#run('on', topic, callback, (done) => {
      this.#listeners.push({ topic, listener });
      this.#inner.on(topic, listener, done);
    });
    return this;
  }

  emit(message: Message, callback?: Callback): void {
    this.#run('emit', message.topic, callback, (done) => this.#inner.emit(message, done));
  }

  removeListener(topic: string, listener: Listener, callback?: Callback): void {
    this.#run('removeListener', topic, callback, (done) => {
      const index = this.#listeners.findIndex(
        (added) => added.topic === topic && added.listener === listener,
      );
      if (index >= 0) this.#listeners.splice(index, 1);
      this.#inner.removeListener(topic, listener, done);
    });
  }

  close(callback: () => void): void {
    this.#run('close', '', callback, (done) => this.#inner.close(done));
  }

  #run(
    call: EmitterCall,
    topic: string,
    callback: Callback = () => {},
    act: (done: Callback) => void,
  ): void {
    this.calls.push(`${call} ${topic}`.trimEnd());
    const part = this.#holding.get(call);
    if (part === 'call') this.#hold(call, () => this.#act(call, callback, act));
    else if (part === undefined) this.#act(call, callback, act);
    else this.#act(call, (error) => this.#hold(call, (late) => callback(late ?? error)), act);
  }

  /** A failure shows when the call goes on, so that a held one can be made to fail. */
  #act(call: EmitterCall, callback: Callback, act: (done: Callback) => void): void {
    const failure = this.#failures.get(call);
    if (failure === undefined || failure.times <= 0) return act(callback);
    failure.times -= 1;
    if (failure.way === 'throw') throw failure.error;
    if (failure.way === 'callback') callback(failure.error);
    if (failure.way === 'pretence') callback();
  }

  #hold(call: EmitterCall, go: (error?: Error) => void): void {
    this.#held.push({ call, go });
    this.#checkWaiters();
  }

  #checkWaiters(): void {
    this.#waiters = this.#waiters.filter(({ call, count, resolve }) => {
      const isReached = this.heldCount(call) >= count;
      if (isReached) resolve();
      return !isReached;
    });
  }
}
