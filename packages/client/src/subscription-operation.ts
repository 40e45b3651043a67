import type { OperationPayload, ResultPayload } from '@groupcast/protocol';
import type { Continuity } from './continuity.ts';
import { ClientError } from './errors.ts';
import { readNotice } from './notice.ts';
import type { Operation, Operations } from './operations.ts';
import type { SubscribeOptions } from './options.ts';
import { callApp } from './report.ts';

const RECONNECTED: Continuity = { state: 'gap', reason: 'reconnected' };

/**
 * One subscription across connections, and what it has heard that nobody took yet: results, and
 * what is to be said of their continuity, in order, bounded.
 */
export class SubscriptionOperation implements Operation {
  id = '';
  isAnswered = false;
  readonly payload: OperationPayload;
  readonly isRepeatable = true;
  readonly signal: AbortSignal | undefined;
  /** Whether the app ended it. */
  isStopped = false;
  readonly #operations: Operations;
  readonly #options: SubscribeOptions;
  readonly #ready: Promise<void>;
  #settleReady: ((error?: ClientError) => void) | undefined;
  #isStarted = false;
  #isClaimed = false;
  #wasSent = false;
  /** Whether the server has ever confirmed it: others are taken at their first result. */
  #isConfirmed = false;
  /** What the app is told when the server is heard next. */
  #news: Continuity | undefined = { state: 'live', reason: 'subscribed' };
  #items: (ResultPayload | Continuity)[] = [];
  #wake: (() => void)[] = [];
  #isOver = false;
  #error: ClientError | undefined;

  constructor(operations: Operations, payload: OperationPayload, options: SubscribeOptions) {
    this.#operations = operations;
    this.payload = payload;
    this.signal = options.signal;
    this.#options = options;
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = (error) => (error ? reject(error) : resolve());
    });
    // Nobody may ask for it; its failure is no unhandled rejection.
    this.#ready.catch(() => {});
  }

  /** Starts it, and resolves when it is live. */
  get ready(): Promise<void> {
    this.#start();
    return this.#ready;
  }

  /** Starts it for its one consumer. @throws ClientError `CONSUMED` for a second one */
  claim(): void {
    if (this.#isClaimed) throw new ClientError('CONSUMED', 'There is a consumer already');
    this.#isClaimed = true;
    this.#start();
  }

  /**
   * Takes the next result, or waits for it; tells of the continuity on the way.
   *
   * @returns undefined at the end
   * @throws ClientError the error that it ended with
   */
  async take(): Promise<ResultPayload | undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item && isResult(item)) return item;
      if (item) void callApp(() => this.#options.onContinuity?.(item));
      else if (this.#error && !this.isStopped) throw this.#error;
      else if (this.#isOver) return undefined;
      else await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Ends it on the app's wish. */
  readonly abort = (): void => {
    this.isStopped = true;
    this.end(new ClientError('ABORTED', 'It was stopped'));
  };

  /** Ends it on this side; nothing waits to be taken any more. */
  end(error: ClientError): void {
    this.#items = [];
    this.ended(error);
    // Also when the server has ended it meanwhile.
    this.#error = error;
    this.#operations.stop(this);
  }

  sent(): void {
    if (this.#isConfirmed) this.#news = RECONNECTED;
    // Nobody else will say when it hears again.
    else if (this.#wasSent) this.#push(RECONNECTED);
    this.#wasSent = true;
  }

  refused(): void {
    // Who was never told that it is live has missed nothing by that.
    this.#wasSent = !this.#news;
  }

  next(result: ResultPayload): void {
    const notice = readNotice(result);
    if (typeof notice === 'object') return this.#push(notice);
    if (this.#news) this.#push(this.#news);
    this.#news = undefined;
    this.#settleReady?.();
    if (notice === false) this.#push(result);
    else {
      this.#isConfirmed = true;
      this.#operations.retryAfterMs = notice;
    }
  }

  ended(error?: ClientError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#settleReady?.(error ?? new ClientError('NO_RESULT', 'It ended before it was live'));
    for (const wake of this.#wake) wake();
  }

  /** In a microtask: who starts and stops in one go, as React's strict mode does, sends nothing. */
  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    queueMicrotask(() => this.#isOver || this.#operations.start(this));
  }

  #push(item: ResultPayload | Continuity): void {
    const items = this.#items;
    if (isResult(item) || !this.#merges(item)) items.push(item);
    if (items.filter(isResult).length > Math.max(1, this.#options.bufferLimit ?? 4_096)) {
      // What was to be said before the oldest result is part of this gap, but for `live`.
      const oldest = items.findIndex(isResult);
      const live = items.slice(0, 1).filter((each) => !isResult(each) && each.state === 'live');
      items.splice(0, 1 + oldest, ...live, { state: 'gap', reason: 'buffer' });
    }
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** One gap per reason is enough between two results, or a bad line fills the memory all night. */
  #merges(gap: Continuity): boolean {
    const items = this.#items;
    for (let index = items.length - 1; index >= 0; index -= 1) {
      const item = items[index];
      if (!item || isResult(item)) return false;
      if (item.reason !== gap.reason) continue;
      // With what nobody knows the sum is not known either.
      if ('dropped' in item) {
        items[index] =
          'dropped' in gap ? { ...gap, dropped: (gap.dropped ?? 0) + (item.dropped ?? 0) } : gap;
      }
      return true;
    }
    return false;
  }
}

function isResult(item: ResultPayload | Continuity): item is ResultPayload {
  return !('state' in item);
}
