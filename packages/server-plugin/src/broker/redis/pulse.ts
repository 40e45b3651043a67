import { isReady, type RedisConnection, reconnect } from './redis-emitter.ts';

/** What a {@link Pulse} is made of. */
export interface PulseOptions {
  readonly connection: RedisConnection;
  /** Milliseconds without a sign of life after which it is taken for dead. */
  readonly timeoutMs: number;
  /** Milliseconds that it may take to get ready once it is open. */
  readonly readyMs: number;
  /** Told before it is given up. */
  readonly onDead: (error: Error) => void;
}

/** Finds one connection that looks open and is dead: a frozen server, a network that drops packets. */
export class Pulse {
  readonly #options: PulseOptions;
  /** What was asked and is not answered; `failed` when there will be no answer. */
  #ping: 'none' | 'asked' | 'failed' = 'none';
  #read = 0;
  #written = 0;
  #silentMs = 0;
  #openingMs = 0;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** @param elapsedMs - since the last tick; no more than this process was able to listen */
  tick(elapsedMs: number): void {
    const { connection, readyMs, timeoutMs } = this.#options;
    this.#openingMs = connection.status === 'connect' ? this.#openingMs + elapsedMs : 0;
    if (this.#openingMs >= readyMs) this.#die(`did not get ready within ${readyMs} ms`);
    if (!isReady(connection)) {
      this.#ping = 'none';
      return;
    }
    const isSilent = !this.#hasMoved() && this.#ping !== 'none';
    this.#silentMs = isSilent ? this.#silentMs + elapsedMs : 0;
    if (this.#ping !== 'asked') this.#ask();
    // After a long turn of the event loop, answers that are here may not have been read.
    if (this.#silentMs >= timeoutMs) setImmediate(() => this.#judge());
  }

  #ask(): void {
    this.#ping = 'asked';
    this.#options.connection.ping().then(
      () => {
        this.#ping = 'none';
      },
      () => {
        if (this.#ping === 'asked') this.#ping = 'failed';
      },
    );
  }

  #judge(): void {
    const { connection, timeoutMs } = this.#options;
    if (this.#silentMs < timeoutMs || this.#ping === 'none') return;
    if (this.#hasMoved() || !isReady(connection)) this.#silentMs = 0;
    else this.#die(`gave no sign of life for ${timeoutMs} ms`);
  }

  /** Whether anything has come in, or left, since this was last asked. */
  #hasMoved(): boolean {
    const { stream } = this.#options.connection;
    const { bytesWritten = 0, writeQueueSize = 0 } = stream?._handle ?? {};
    const read = stream?.bytesRead ?? 0;
    const written = bytesWritten - writeQueueSize;
    // The system takes what is small also for a peer that is dead; not so while more waits for it.
    const isWriting = writeQueueSize > 0 && written !== this.#written;
    const hasMoved = read !== this.#read || isWriting;
    this.#read = read;
    this.#written = written;
    return hasMoved;
  }

  #die(what: string): void {
    const { connection, onDead } = this.#options;
    this.#ping = 'none';
    this.#silentMs = 0;
    this.#openingMs = 0;
    onDead(new Error(what));
    reconnect(connection);
  }
}
