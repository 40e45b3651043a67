import { CloseCode } from '@groupcast/protocol';
import type { Connection } from './connection.ts';
import type { CancelDeadline, Deadlines } from './deadlines.ts';
import { restartReason } from './restart-reason.ts';
import { type ReturnSlot, ReturnSlots } from './return-slots.ts';

/** At most so many connections are closed in a millisecond of a drain. */
const CLOSES_PER_MS = 1;

/** How often a drain looks which connections are due. */
const DRAIN_STEP_MS = 5;

/** Who is told of connections that come and go. */
export interface ConnectionsWatcher {
  connectionOpened(connection: Connection): void;
  /** Every hook of the app has run. */
  connectionClosed(connection: Connection): void;
}

/** All connections of a plugin. */
export class Connections {
  readonly #deadlines: Deadlines;
  readonly #watcher: ConnectionsWatcher;
  readonly #connections = new Set<Connection>();
  readonly #slots = new ReturnSlots();
  #onEmpty: (() => void) | undefined;
  #giveUp: CancelDeadline | undefined;
  #sizeAtDrain = 0;

  constructor(deadlines: Deadlines, watcher: ConnectionsWatcher) {
    this.#deadlines = deadlines;
    this.#watcher = watcher;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** For the next connection; free again when that is removed. */
  takeSlot(): ReturnSlot {
    return this.#slots.take();
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
    this.#watcher.connectionOpened(connection);
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection);
    this.#slots.free(connection.slot);
    this.#watcher.connectionClosed(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  /** The reason for a client that a drain closes, or turns away; another one for each. */
  restartReason(): string {
    return restartReason(this.#sizeAtDrain);
  }

  /** Closes those with this tag, also those whose `onConnect` is pending and gives it to them. */
  disconnect(order: {
    readonly tag: string;
    readonly code: number;
    readonly reason: string;
  }): void {
    for (const connection of [...this.#connections]) {
      connection.disconnectTagged(order.tag, order.code, order.reason);
    }
  }

  /**
   * Closes all with 1012, spread over `drainMs` milliseconds when they are many.
   *
   * Who waits for the answer to a query or mutation is closed after it, at the end of the window
   * at the latest.
   *
   * @returns settles when all are gone, or when the app's hooks after a close take too long
   */
  async drain(drainMs: number, closeTimeoutMs: number): Promise<void> {
    this.#sizeAtDrain = this.#connections.size;
    if (this.#sizeAtDrain === 0) return;
    const gone = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      // A close, the end hooks of operations and onDisconnect may each take their time.
      this.#giveUp = this.#deadlines.after(drainMs + 3 * closeTimeoutMs, resolve);
    });
    const spacingMs = Math.min(1 / CLOSES_PER_MS, drainMs / this.#sizeAtDrain);
    let open = [...this.#connections].map((connection, index) => ({
      connection,
      dueMs: index * spacingMs,
    }));
    const startedAt = performance.now();
    const closeDue = (): void => {
      const elapsedMs = performance.now() - startedAt;
      open = open.filter(({ connection, dueMs }) => {
        const isIdle = elapsedMs >= dueMs && !connection.operations.isAnswering;
        if (!isIdle && elapsedMs < drainMs) return true;
        connection.close(CloseCode.SERVICE_RESTART, this.restartReason(), 'drain');
        return false;
      });
      if (open.length > 0) this.#deadlines.after(DRAIN_STEP_MS, closeDue);
    };
    closeDue();
    await gone;
    this.#giveUp?.();
  }
}
