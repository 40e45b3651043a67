import type { OperationPayload, ResultPayload } from '@groupcast/protocol';
import { waitMs } from './back-off.ts';
import { ClientError } from './errors.ts';
import { readNotice } from './notice.ts';
import type { Operation, Operations } from './operations.ts';
import type { SubscribeOptions } from './options.ts';
import { callApp } from './report.ts';

/** In the place of a gap's reason: it is live. */
const LIVE = true;

type Reason = string | typeof LIVE;

/** How many are missing, NaN where nobody knows, by the reason: one of each is enough. */
type Notices = Map<Reason, number>;

/** A result that waits to be taken, and what the app is told before it. */
interface Place {
  /** Most results have nothing to be told before. */
  notices?: Notices;
  result?: ResultPayload;
}

/**
 * One subscription across connections, and what it has heard that nobody took yet: results, and
 * what is to be said of their continuity, in order, bounded.
 */
export class SubscriptionOperation implements Operation {
  readonly payload: OperationPayload;
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
  #news: Reason | undefined = LIVE;
  #places: Place[] = [];
  /** Of the result that comes next. */
  #nextPlace: Place = {};
  #wake: (() => void) | undefined;
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
      const { notices, result } = this.#places[0] ?? this.#nextPlace;
      const [notice] = notices ?? [];
      if (notice) {
        notices?.delete(notice[0]);
        void callApp(() => this.#tell(...notice));
      } else if (result) {
        this.#places.shift();
        return result;
      } else if (this.#error && !this.isStopped) throw this.#error;
      else if (this.#isOver) return undefined;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  /** Ends it on the app's wish. */
  readonly abort = (): void => {
    this.isStopped = true;
    this.end();
  };

  /** Ends it on this side; nothing waits to be taken any more. */
  end(): void {
    this.#places = [];
    this.#nextPlace = {};
    this.ended(new ClientError('ABORTED', 'It was stopped'));
    this.#operations.end(this);
  }

  sent(): void {
    if (this.#isConfirmed) this.#news = 'reconnected';
    // Nobody else will say when it hears again.
    else if (this.#wasSent) this.#note('reconnected');
    this.#wasSent = true;
  }

  refused(): void {
    // Who was never told that it is live has missed nothing by that.
    this.#wasSent = !this.#news;
  }

  next(result: ResultPayload): void {
    const { confirmed, gap, retryAfterMs } = readNotice(result);
    if (gap)
      return this.#note(typeof gap.reason === 'string' ? gap.reason : 'unknown', gap.dropped);
    if (this.#news) this.#note(this.#news);
    this.#news = undefined;
    this.#settleReady?.();
    if (confirmed) {
      this.#isConfirmed = true;
      this.#operations.retryAfterMs = waitMs(retryAfterMs);
    } else this.#push(result);
  }

  ended(error?: ClientError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#settleReady?.(error ?? new ClientError('NO_RESULT', 'It ended before it was live'));
    this.#wake?.();
  }

  /** In a microtask: who starts and stops in one go, as React's strict mode does, sends nothing. */
  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    queueMicrotask(() => this.#isOver || this.#operations.start(this));
  }

  #note(reason: Reason, dropped?: unknown): void {
    this.#nextPlace.notices ??= new Map();
    add(this.#nextPlace.notices, reason, dropped);
    this.#wake?.();
  }

  #tell(reason: Reason, dropped: number): void {
    this.#options.onContinuity?.(
      reason === LIVE
        ? { state: 'live', reason: 'subscribed' }
        : {
            state: 'gap',
            reason,
            ...(dropped >= 0 && { dropped }),
          },
    );
  }

  #push(result: ResultPayload): void {
    this.#nextPlace.result = result;
    this.#places.push(this.#nextPlace);
    this.#nextPlace = {};
    if (this.#places.length > Math.max(1, this.#options.bufferLimit ?? 4_096)) this.#dropOldest();
    this.#wake?.();
  }

  /** What was to be said before the oldest result comes before the next, and then the gap. */
  #dropOldest(): void {
    const notices: Notices = this.#places.shift()?.notices ?? new Map();
    const [oldest] = this.#places;
    if (!oldest) return;
    add(notices, 'buffer');
    for (const [reason, dropped] of oldest.notices ?? []) add(notices, reason, dropped);
    oldest.notices = notices;
  }
}

/** With what nobody knows the sum is not known either. */
function add(notices: Notices, reason: Reason, dropped?: unknown): void {
  const more = typeof dropped === 'number' ? dropped : Number.NaN;
  notices.set(reason, (notices.get(reason) ?? 0) + more);
}
