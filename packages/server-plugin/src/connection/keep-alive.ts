/** Settings of {@link KeepAlive}. */
export interface KeepAliveSettings {
  /** Milliseconds between two WebSocket pings. */
  readonly intervalMs: number;
  /** Milliseconds a client has to give a sign of life after a ping. */
  readonly timeoutMs: number;
  /** Milliseconds between two `ka` messages of the legacy subprotocol; 0 sends none. */
  readonly kaMs: number;
}

/** A connection as the keep-alive sees it. */
export interface KeptAlive {
  /** Grows with every byte and frame that is read from the client. */
  readonly signsOfLife: number;
  /** Bytes that wait because the system does not take them: the client reads slowly, or not. */
  readonly backlogBytes: number;
  /** Bytes that the system has taken so far, counted when a write is finished. */
  readonly takenBytes: number;
  /** Bytes that the system has not taken of the write under way. */
  readonly unfinishedBytes: number;
  /** Whether it gets `ka` messages now. */
  readonly wantsKa: boolean;
  ping(): void;
  sendKa(): void;
  /** It gave no sign of life in time. */
  presumeDead(): void;
}

/** Whole milliseconds: numbers with a fraction take an object each, for every connection. */
const now = (): number => Math.round(performance.now());

/** A timer takes no longer delay. */
const LONGEST_STEP_MS = 2_147_483_647;

interface Watch {
  pingDueAt: number;
  kaDueAt: number;
  /** Undefined when no answer is awaited. */
  awaited: Awaited | undefined;
}

/** What was true when a ping left. */
interface Awaited {
  readonly signsOfLife: number;
  /**
   * The first backlog that was seen since. Only one that shrinks shows a slow download; what an
   * idle system takes shows nothing.
   */
  backlog: Pick<KeptAlive, 'takenBytes' | 'unfinishedBytes'> | undefined;
  readonly until: number;
  /** The time is over, but what arrived during a stall of this process was not read yet. */
  isOverdue: boolean;
}

/**
 * Finds dead clients by WebSocket pings, and sends `ka` messages: one timer for all connections.
 *
 * The timer runs while there are connections.
 */
export class KeepAlive {
  readonly #settings: KeepAliveSettings;
  readonly #stepMs: number;
  readonly #watched = new Map<KeptAlive, Watch>();
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: KeepAliveSettings) {
    this.#settings = settings;
    const { intervalMs, timeoutMs, kaMs } = settings;
    const shortest = Math.min(intervalMs, timeoutMs, kaMs > 0 ? kaMs : Number.POSITIVE_INFINITY);
    this.#stepMs = Math.min(Math.max(1, Math.floor(shortest / 4)), LONGEST_STEP_MS);
  }

  /** How many timers it runs: one or none. */
  get timers(): number {
    return this.#timer === undefined ? 0 : 1;
  }

  add(connection: KeptAlive): void {
    const addedAt = now();
    this.#watched.set(connection, {
      pingDueAt: addedAt + this.#settings.intervalMs,
      kaDueAt: addedAt + this.#settings.kaMs,
      awaited: undefined,
    });
    this.#timer ??= setInterval(() => this.#sweep(), this.#stepMs);
  }

  remove(connection: KeptAlive): void {
    this.#watched.delete(connection);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    const time = now();
    for (const [connection, watch] of this.#watched) {
      this.#check(connection, watch, time);
    }
  }

  #check(connection: KeptAlive, watch: Watch, time: number): void {
    const { intervalMs, timeoutMs, kaMs } = this.#settings;
    const { awaited } = watch;
    if (awaited !== undefined) {
      if (isAlive(connection, awaited)) watch.awaited = undefined;
      else if (awaited.isOverdue) return connection.presumeDead();
      else {
        awaited.isOverdue = time >= awaited.until;
        awaited.backlog ??= backlogOf(connection);
      }
    }
    if (time >= watch.pingDueAt && watch.awaited === undefined) {
      watch.pingDueAt = time + intervalMs;
      // Before the ping, which may be a backlog by itself for a moment, over TLS for example.
      watch.awaited = {
        signsOfLife: connection.signsOfLife,
        backlog: backlogOf(connection),
        until: time + timeoutMs,
        isOverdue: false,
      };
      connection.ping();
    }
    if (kaMs > 0 && connection.wantsKa && time >= watch.kaDueAt) {
      watch.kaDueAt = time + kaMs;
      connection.sendKa();
    }
  }
}

function isAlive(connection: KeptAlive, awaited: Awaited): boolean {
  if (connection.signsOfLife !== awaited.signsOfLife) return true;
  const { backlog } = awaited;
  if (backlog === undefined) return false;
  return (
    connection.takenBytes !== backlog.takenBytes ||
    connection.unfinishedBytes !== backlog.unfinishedBytes
  );
}

function backlogOf({ backlogBytes, takenBytes, unfinishedBytes }: KeptAlive): Awaited['backlog'] {
  return backlogBytes > 0 ? { takenBytes, unfinishedBytes } : undefined;
}
