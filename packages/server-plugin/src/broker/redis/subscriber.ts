import { isReady, isRefusal, type RedisConnection, readable, reconnect } from './redis-emitter.ts';

/** So many channels are asked for in one command at most. */
const BATCH = 1_000;

/** One SUBSCRIBE that Redis has not answered. */
interface Question {
  readonly answer: Promise<unknown>;
  readonly channelCount: number;
}

/** Where a channel stands on the present connection. */
type ChannelState = 'wanted' | 'confirmed' | Question;

/**
 * Knows which channels Redis has confirmed on the connection that receives.
 *
 * mqemitter-redis ignores the answers, so they are looked at on their way: whatever this process
 * subscribes to on the connection passes through here. Lost with the connection, all that is wanted
 * is asked for again on the next one.
 */
export class Subscriber {
  readonly #connection: RedisConnection;
  readonly #channels = new Map<string, ChannelState>();
  /** Those of the connection that was lost: ioredis may ask for them on the next one by itself. */
  #lost = new Set<string>();
  /** Where the commands of mqemitter-redis go during `quietly()`. */
  #quiet: { readonly left: string[] } | undefined;
  #nextReady: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    this.#watchCommands();
    connection.on('close', () => this.#forgetAnswers());
    connection.on('ready', () => this.#askAgain());
  }

  /** How many channels are joined, or are to be. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /**
   * Lets mqemitter-redis do its bookkeeping of listeners, and sends none of its commands.
   *
   * @returns the channels that nobody listens to any more, for `leave()`
   */
  quietly(act: () => void): readonly string[] {
    const quiet = { left: [] };
    this.#quiet = quiet;
    try {
      act();
    } finally {
      this.#quiet = undefined;
    }
    return quiet.left;
  }

  /**
   * Resolves when Redis has answered for the channels on the connection that there is now: with
   * those that it refuses. All others are confirmed.
   *
   * @throws when the connection is lost meanwhile
   */
  async confirm(channels: readonly string[]): Promise<ReadonlyMap<string, Error>> {
    const refused = new Map<string, Error>();
    for (const channel of channels) this.#want(channel);
    await this.#confirm(channels, refused);
    return refused;
  }

  /** Gives up channels, at once as far as this process is concerned. */
  leave(channels: readonly string[]): void {
    if (isReady(this.#connection)) return this.#unsubscribe(channels);
    for (const channel of channels) {
      // ioredis, which is not told, has it until the connection that breaks has ended, too.
      if (this.#isAsked(channel)) this.#lost.add(channel);
      this.#channels.delete(channel);
    }
  }

  async #confirm(channels: readonly string[], refused: Map<string, Error>): Promise<void> {
    // Those that were left meanwhile are neither.
    this.#ask(channels.filter((channel) => this.#isToBeAsked(channel)));
    await Promise.all(
      Array.from(this.#questions(channels), async ([question, asked]) => {
        const error = await question.answer.then(() => undefined, readable);
        if (error === undefined) return;
        if (!isRefusal(error)) throw error;
        const [only] = asked;
        if (question.channelCount === 1 && only !== undefined) refused.set(only, error);
        else await this.#confirmHalves(asked, refused);
      }),
    );
  }

  /** What is still to be answered of channels, and for which of them. */
  #questions(channels: readonly string[]): ReadonlyMap<Question, readonly string[]> {
    const questions = new Map<Question, string[]>();
    for (const channel of channels) {
      const state = this.#channels.get(channel);
      if (typeof state !== 'object') continue;
      const asked = questions.get(state);
      if (asked === undefined) questions.set(state, [channel]);
      else asked.push(channel);
    }
    return questions;
  }

  /** One of those that were asked for together was refused, and all with it. */
  async #confirmHalves(channels: readonly string[], refused: Map<string, Error>): Promise<void> {
    const half = Math.ceil(channels.length / 2);
    await Promise.all([
      this.#confirm(channels.slice(0, half), refused),
      this.#confirm(channels.slice(half), refused),
    ]);
  }

  /** Whether Redis was asked for it on the present connection, or on the one that just breaks. */
  #isAsked(channel: string): boolean {
    return (this.#channels.get(channel) ?? 'wanted') !== 'wanted';
  }

  #isToBeAsked(channel: string): boolean {
    return this.#channels.get(channel) === 'wanted';
  }

  #ask(channels: readonly string[]): void {
    const connection = this.#connection;
    for (const batch of batches(channels)) {
      connection.subscribe(...batch).catch((error: unknown) => {
        // Neither refused nor lost, it would stay open for ever: Redis wants a password, say.
        if (!isRefusal(error) && isReady(connection)) reconnect(connection);
      });
    }
  }

  #unsubscribe(channels: readonly string[]): void {
    for (const batch of batches(channels)) void this.#connection.unsubscribe(...batch);
  }

  #watchCommands(): void {
    const connection = this.#connection;
    const subscribe = connection.subscribe.bind(connection);
    const psubscribe = connection.psubscribe.bind(connection);
    const unsubscribe = connection.unsubscribe.bind(connection);
    // Of others only: none of our topics is a pattern.
    connection.psubscribe = (...args) => {
      if (isReady(connection)) return psubscribe(...args);
      const answer = this.#whenReady().then(() => psubscribe(...args));
      answer.catch(() => {});
      return answer;
    };
    connection.subscribe = (...args) => {
      const channels = channelsOf(args).filter((channel) => !this.#isStale(channel));
      if (this.#quiet !== undefined) {
        for (const channel of channels) this.#want(channel);
        return Promise.resolve();
      }
      if (!isReady(connection)) return this.#subscribeLater(channels, args.at(-1));
      const answer = subscribe(...args);
      this.#asking(channels, answer);
      return answer;
    };
    connection.unsubscribe = (...args) => {
      const channels = channelsOf(args);
      if (this.#quiet !== undefined) {
        this.#quiet.left.push(...channels);
        return Promise.resolve();
      }
      for (const channel of channels) this.#channels.delete(channel);
      const answer = unsubscribe(...args);
      answer.catch(() => {
        for (const channel of channels) this.#lost.add(channel);
      });
      return answer;
    };
  }

  /** Left meanwhile, and asked for by ioredis, which does so before anybody is told of `ready`. */
  #isStale(channel: string): boolean {
    return isReady(this.#connection) && this.#lost.has(channel) && !this.#channels.has(channel);
  }

  /**
   * For others than us, who may use the connection too. Nothing is sent before it is ready: ioredis
   * either forgets it, or finds that the connection never gets ready.
   *
   * @param callback - if it is one
   */
  #subscribeLater(channels: readonly string[], callback: unknown): Promise<unknown> {
    for (const channel of channels) this.#want(channel);
    const answer = this.#whenReady().then(async () => {
      const [refusal] = (await this.confirm(channels)).values();
      if (refusal !== undefined) throw refusal;
      return channels.length;
    });
    const call = typeof callback === 'function' ? callback : () => {};
    answer.then(
      (count) => call(null, count),
      (error: unknown) => call(error),
    );
    return answer;
  }

  #whenReady(): Promise<void> {
    this.#nextReady ??= withResolvers();
    return this.#nextReady.promise;
  }

  #want(channel: string): void {
    if (!this.#channels.has(channel)) this.#channels.set(channel, 'wanted');
  }

  /** A failure reaches who waits for the channels; mqemitter-redis and ioredis don't look at it. */
  #asking(channels: readonly string[], answer: Promise<unknown>): void {
    const question: Question = { answer, channelCount: channels.length };
    for (const channel of channels) this.#channels.set(channel, question);
    const settle = (state: ChannelState): void => {
      for (const channel of channels) {
        if (this.#channels.get(channel) === question) this.#channels.set(channel, state);
      }
    };
    answer.then(
      () => settle('confirmed'),
      () => settle('wanted'),
    );
  }

  #forgetAnswers(): void {
    for (const channel of this.#channels.keys()) {
      if (!this.#isAsked(channel)) continue;
      this.#lost.add(channel);
      this.#channels.set(channel, 'wanted');
    }
  }

  #askAgain(): void {
    const left = [...this.#lost].filter((channel) => !this.#channels.has(channel));
    this.#lost = new Set();
    this.#unsubscribe(left);
    this.#ask([...this.#channels.keys()].filter((channel) => this.#isToBeAsked(channel)));
    this.#nextReady?.resolve();
    this.#nextReady = undefined;
  }
}

function* batches(channels: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < channels.length; start += BATCH) {
    yield channels.slice(start, start + BATCH);
  }
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

/** ioredis takes them one by one, in arrays, as Buffers, and with a callback at the end. */
function channelsOf(args: readonly unknown[]): string[] {
  return args.flat().flatMap((arg) => {
    if (typeof arg === 'string') return [arg];
    return Buffer.isBuffer(arg) ? [arg.toString()] : [];
  });
}
