import { Pulse } from './pulse.ts';
import { isReady, type RedisConnection, reconnect } from './redis-emitter.ts';

/** How long the heartbeat waits, in milliseconds. */
export interface HeartbeatTimes {
  /** Between two looks at the connections. */
  readonly intervalMs: number;
  /** Without a sign of life, until a connection is taken for dead. */
  readonly timeoutMs: number;
  /** For an open connection to get ready. */
  readonly readyMs: number;
}

/** A dead connection is found within 8 seconds. */
export const heartbeatTimes: HeartbeatTimes = {
  intervalMs: 2_000,
  timeoutMs: 4_000,
  readyMs: 5_000,
};

/** What {@link Heartbeat} watches. */
export interface HeartbeatOptions {
  readonly receiving: RedisConnection;
  readonly sending: RedisConnection;
  readonly times: HeartbeatTimes;
  /** Whether what is sent now comes back: the channel is joined. */
  readonly mayBeat: () => boolean;
  /** Sends a message of this process to itself; resolves when Redis has taken it. */
  readonly beat: () => Promise<unknown>;
  /** Told of a connection that is given up, before it is. */
  readonly onDead: (which: RedisConnection, error: Error) => void;
}

/** A message to itself that has not come back. */
interface Beat {
  /** How long it is overdue; absent until everything that was sent before it has come in. */
  overdueMs: number | undefined;
}

/**
 * Watches both connections, each by itself and as a pair: what is sent on one must come in on the
 * other.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #pulses: readonly Pulse[];
  readonly #timer: NodeJS.Timeout;
  #tickedAt = performance.now();
  #beat: Beat | undefined;

  constructor(options: HeartbeatOptions) {
    const { receiving, sending, times, onDead } = options;
    this.#options = options;
    this.#pulses = [receiving, sending].map(
      (connection) =>
        new Pulse({ ...times, connection, onDead: (error) => onDead(connection, error) }),
    );
    // Watching is no reason to keep a process alive.
    this.#timer = setInterval(() => this.#tick(), times.intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A beat has come back: messages go out and come in. */
  returned(): void {
    this.#beat = undefined;
  }

  #tick(): void {
    const { intervalMs } = this.#options.times;
    const now = performance.now();
    // While this process was busy it could not hear: that is nobody else's silence. Timers may be
    // early by a millisecond.
    const late = now - this.#tickedAt;
    const elapsedMs = late > intervalMs * 0.9 ? intervalMs : late;
    this.#tickedAt = now;
    for (const pulse of this.#pulses) pulse.tick(elapsedMs);
    this.#watchPair(elapsedMs);
  }

  #watchPair(elapsedMs: number): void {
    const { receiving, sending, times, mayBeat } = this.#options;
    if (!isReady(receiving) || !isReady(sending) || !mayBeat()) this.#beat = undefined;
    else if (this.#beat === undefined) this.#send();
    else if (this.#beat.overdueMs !== undefined) {
      this.#beat.overdueMs += elapsedMs;
      if (this.#beat.overdueMs > times.timeoutMs) this.#dropPair();
    }
  }

  #send(): void {
    const { receiving, beat: send } = this.#options;
    const beat: Beat = { overdueMs: undefined };
    this.#beat = beat;
    // Behind much that was sent the beat is late, and behind much that comes in. After the answer to
    // a ping which was sent once Redis had it, it is not.
    send()
      .then(() => receiving.ping())
      .then(
        () => {
          beat.overdueMs = 0;
        },
        () => {
          if (this.#beat === beat) this.#beat = undefined;
        },
      );
  }

  /** Both live, and are of no use: they reach different servers, say. */
  #dropPair(): void {
    const { receiving, sending, onDead } = this.#options;
    this.#beat = undefined;
    for (const connection of [sending, receiving]) {
      onDead(connection, new Error('lives, but what is sent does not come in'));
      reconnect(connection);
    }
  }
}
