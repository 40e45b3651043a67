import { preciseNow } from './live-sample.ts';
import type { LoadSettings } from './load-settings.ts';
import { checkLoad } from './load-settings.ts';
import { groupName, LOAD_NAME, type LoadMessage } from './load-subscription.ts';
import { LoadThread } from './load-thread.ts';

/** Milliseconds between two moments in which messages are sent. */
const SEND_EVERY_MS = 10;
/** What could not be sent in so many milliseconds is not made up for: that would be a burst. */
const CATCH_UP_MS = 250;

/** A load that runs, as samples have it. */
export interface LoadState extends LoadSettings {
  /** `STARTING` until all subscribers are there; nothing is sent before. */
  readonly phase: 'STARTING' | 'RUNNING';
  /** Subscribers that are there. */
  readonly live: number;
  /** Messages so far. */
  readonly sent: number;
  /** Results that reached subscribers so far, without those of the slow reader. */
  readonly received: number;
  /** Milliseconds since 1970: when it ends by itself. */
  readonly endsAt: number;
}

/** What a {@link Load} needs. */
export interface LoadOptions {
  /** Where its subscribers connect. */
  readonly url: () => string;
  readonly broadcast: (group: string, message: LoadMessage) => void;
  /** Whether more may be sent: the broker works, and takes what it is given. */
  readonly mayBroadcast: () => boolean;
  /** For how long nobody has been watching. */
  readonly unwatchedMs: () => number;
  /** How long a load lasts at most. */
  readonly lastsMs: number;
  /** How long it goes on when nobody watches. */
  readonly lingerMs: number;
}

interface Running {
  readonly settings: LoadSettings;
  readonly thread: LoadThread;
  readonly endsAt: number;
  timer: NodeJS.Timeout;
  /** Of `performance.now()`: when sending would have begun, had all been sent in time. */
  sendingSince: number | undefined;
  due: number;
  sent: number;
  live: number;
  received: number;
}

/** The synthetic load of this process: one at a time, and bounded. It ends by itself. */
export class Load {
  readonly #options: LoadOptions;
  #running: Running | undefined;
  #lastEnd: string | null = null;
  /** Settles when the thread of the load before is gone. */
  #closing: Promise<void> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Why the last one has ended, in a sentence without a full stop; null when none has. */
  get lastEnd(): string | null {
    return this.#lastEnd;
  }

  get state(): LoadState | null {
    const running = this.#running;
    if (running === undefined) return null;
    const { endsAt, live, received, sendingSince, sent, settings } = running;
    const phase = sendingSince === undefined ? 'STARTING' : 'RUNNING';
    return { ...settings, phase, live, sent, received, endsAt };
  }

  /**
   * Starts a load in place of the one that runs.
   *
   * @returns resolves when the one before is gone
   * @throws ChatError when it is too much
   */
  async start(settings: LoadSettings): Promise<void> {
    checkLoad(settings);
    await this.stop('Another load has begun');
    // Somebody else may have been faster.
    if (this.#running !== undefined) return;
    const { lastsMs, url } = this.#options;
    const groups = Array.from({ length: settings.groups }, (_, index) => groupName(index));
    const running: Running = {
      settings,
      thread: new LoadThread({ url: url(), name: LOAD_NAME, groups, settings }, (news) => {
        if (this.#running !== running) return;
        if (news.name === 'lost') void this.stop(`A subscriber was lost: ${news.reason}`);
        else this.#progress(running, news.live, news.received);
      }),
      endsAt: preciseNow() + lastsMs,
      timer: setInterval(() => this.#tick(running), SEND_EVERY_MS),
      sendingSince: undefined,
      due: 0,
      sent: 0,
      live: 0,
      received: 0,
    };
    this.#running = running;
  }

  /** Ends the load; resolves when its thread is gone. Can be called twice. */
  stop(reason: string): Promise<void> {
    const running = this.#running;
    if (running !== undefined) {
      this.#lastEnd = reason;
      this.#running = undefined;
      clearInterval(running.timer);
      this.#closing = running.thread.close();
    }
    return this.#closing;
  }

  #progress(running: Running, live: number, received: number): void {
    running.live = live;
    running.received = received;
    const { slowReader, subscribers } = running.settings;
    if (live < subscribers + (slowReader ? 1 : 0)) return;
    running.sendingSince ??= performance.now();
  }

  #tick(running: Running): void {
    const { lingerMs, unwatchedMs } = this.#options;
    if (preciseNow() >= running.endsAt) return void this.stop('Its time was over');
    if (unwatchedMs() > lingerMs) return void this.stop('Nobody was watching');
    if (running.sendingSince === undefined) return;
    const { groups, messagesPerSecond } = running.settings;
    const catchUp = Math.max(1, (messagesPerSecond * CATCH_UP_MS) / 1_000);
    const elapsedMs = performance.now() - running.sendingSince;
    const due = Math.floor((elapsedMs * messagesPerSecond) / 1_000) - running.due;
    const count = this.#options.mayBroadcast() ? Math.min(due, catchUp) : 0;
    running.due += due;
    for (let n = 0; n < count; n += 1) {
      this.#options.broadcast(groupName(running.sent % groups), {
        number: running.sent,
        sentAt: preciseNow(),
      });
      running.sent += 1;
    }
  }
}
