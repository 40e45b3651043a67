import type { BrokerLog, OnOutage } from '../broker.ts';
import { BurstLog } from '../burst-log.ts';
import { isAftermath, readable } from './redis-emitter.ts';
import type { RedisLink } from './redis-link.ts';

/** What {@link Memberships} is made of. */
export interface MembershipsOptions {
  readonly link: RedisLink;
  readonly log: BrokerLog;
  readonly onOutage: OnOutage;
  /** Something has changed that the health shows. */
  readonly changed: (error?: Error) => void;
}

/** A join that Redis has not confirmed. */
interface PendingJoin {
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Milliseconds until Redis is asked once more for what it has refused. */
const RETRY_MS = 5_000;

/**
 * The channels that one broker is on, across connections: what is joined stays so until it is left.
 *
 * A channel that Redis refuses when it is joined is none of them. One that it refuses later, on
 * another connection, is asked for again and again.
 */
export class Memberships {
  readonly #options: MembershipsOptions;
  readonly #channels = new Set<string>();
  readonly #joins = new Map<string, PendingJoin>();
  /** Joined in this turn. */
  readonly #asking: string[] = [];
  readonly #refusals: BurstLog;
  /** Joined once, and refused since. */
  readonly #refused = new Set<string>();
  #retry: NodeJS.Timeout | undefined;
  /** Rises with each connection and with each loss: who began before that has nothing to say. */
  #epoch = 0;
  #isReceiving = false;
  #isInOutage = false;
  #isClosed = false;

  constructor(options: MembershipsOptions) {
    this.#options = options;
    this.#refusals = new BurstLog(options.log, 'Redis refuses channels of groups');
  }

  /** Whether messages come in, on all channels that Redis does not refuse. */
  get isReceiving(): boolean {
    return this.#isReceiving;
  }

  /** Whether messages come in on all channels. */
  get areComplete(): boolean {
    return this.#isReceiving && this.#refused.size === 0;
  }

  /**
   * @returns resolves when Redis has confirmed the channel, on this connection or a later one; rejects
   *   when Redis refuses it, or when it is left or closed meanwhile
   */
  join(channel: string): Promise<void> {
    this.#channels.add(channel);
    const joined = new Promise<void>((resolve, reject) => {
      this.#joins.set(channel, { resolve, reject });
    });
    if (this.#asking.push(channel) === 1) queueMicrotask(() => this.#askAll());
    return joined;
  }

  /** Those of one turn together, as a client that joins a hundred groups has them. */
  #askAll(): void {
    const channels = this.#asking.splice(0).filter((channel) => this.#joins.has(channel));
    // On the next connection all are asked for.
    if (this.#options.link.isReceiving) void this.#confirm(channels).catch(() => {});
  }

  /** Nobody waits for the channel's join any longer, which then rejects. */
  abandon(channel: string): void {
    this.#settle(channel, new Error('nobody waits for it any longer'));
  }

  leave(channel: string): void {
    this.#channels.delete(channel);
    this.#settle(channel, new Error('the group was left meanwhile'));
    if (this.#refused.delete(channel) && this.#refused.size === 0) this.#options.changed();
  }

  /** On a new connection: all are asked for, then it is told that the outage is over. */
  connected(): void {
    this.#epoch += 1;
    void this.#rejoin(this.#epoch);
  }

  disconnected(): void {
    this.#epoch += 1;
    if (!this.#isReceiving) return;
    this.#isReceiving = false;
    this.#outageBegins();
  }

  /** Rejects what waits: there will be no other connection. */
  ended(reason: Error): void {
    this.disconnected();
    this.#rejectAll(reason);
  }

  #rejectAll(reason: Error): void {
    for (const channel of [...this.#joins.keys()]) this.#settle(channel, reason);
  }

  close(reason: Error): void {
    this.#isClosed = true;
    this.#rejectAll(reason);
    clearTimeout(this.#retry);
  }

  async #rejoin(epoch: number): Promise<void> {
    const { link, changed } = this.#options;
    let refusal: Error | undefined;
    try {
      const [beats, lastRefusal] = await Promise.all([
        link.subscriber.confirm([link.beatChannel]),
        this.#confirm([...this.#channels]),
      ]);
      refusal = lastRefusal;
      this.#beatsAnswered(beats.get(link.beatChannel), epoch);
    } catch (failure) {
      // On a lost connection they go on waiting.
      const error = readable(failure);
      return changed(isAftermath(error) ? undefined : error);
    }
    if (epoch !== this.#epoch || this.#isClosed) return;
    this.#isReceiving = true;
    changed(refusal);
    this.#outageEnds();
  }

  #beatsAnswered(refusal: Error | undefined, epoch: number): void {
    if (epoch !== this.#epoch) return;
    const { link, log } = this.#options;
    link.allowBeats(refusal === undefined);
    if (refusal === undefined) return;
    const details = { err: refusal, channel: link.beatChannel };
    log.warn(details, 'Redis refuses the channel of the heartbeat: some losses are not noticed');
  }

  /**
   * Settles the joins of channels with what Redis answers.
   *
   * @returns a refusal, if there was one
   * @throws when the connection is lost
   */
  async #confirm(channels: readonly string[]): Promise<Error | undefined> {
    // A channel may be left and joined again meanwhile: that join has an answer of its own.
    const joins = channels.map((channel) => this.#joins.get(channel));
    const refusals = await this.#options.link.subscriber.confirm(channels);
    for (const [index, channel] of channels.entries()) {
      if (!this.#channels.has(channel) || this.#joins.get(channel) !== joins[index]) continue;
      const refusal = refusals.get(channel);
      if (refusal === undefined) this.#confirmed(channel);
      else this.#refuse(channel, refusal);
    }
    return [...refusals.values()].at(-1);
  }

  #confirmed(channel: string): void {
    this.#refused.delete(channel);
    this.#settle(channel);
  }

  #refuse(channel: string, error: Error): void {
    if (this.#refused.has(channel)) return;
    this.#refusals.warn({ err: error, channel });
    if (this.#joins.has(channel)) {
      this.#channels.delete(channel);
      this.#settle(channel, error);
      return;
    }
    this.#refused.add(channel);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isClosed || this.#refused.size === 0) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      // Should the connection be lost meanwhile, all are asked for on the next one.
      void this.#retryRefused().catch(() => {});
      this.#retryLater();
    }, RETRY_MS).unref();
  }

  async #retryRefused(): Promise<void> {
    if (!this.#isReceiving) return;
    const count = this.#refused.size;
    await this.#confirm([...this.#refused]);
    if (!this.#isReceiving || this.#isClosed || this.#refused.size === count) return;
    // Some are back: what was sent to them meanwhile is lost.
    this.#outageBegins();
    this.#options.changed();
    this.#outageEnds();
  }

  #outageBegins(): void {
    this.#isInOutage = true;
    this.#options.onOutage('begins');
  }

  #outageEnds(): void {
    if (!this.#isInOutage) return;
    this.#isInOutage = false;
    this.#options.onOutage('ends');
  }

  #settle(channel: string, error?: Error): void {
    const join = this.#joins.get(channel);
    this.#joins.delete(channel);
    if (error === undefined) join?.resolve();
    else join?.reject(error);
  }
}
