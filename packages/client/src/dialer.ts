import { floorMs } from './back-off.ts';
import { Connection } from './connection.ts';
import { isOffline, watchEnvironment } from './environment.ts';
import { ClientError } from './errors.ts';
import { type Connector, type Operation, Operations } from './operations.ts';
import { callApp } from './report.ts';
import type { Settings } from './settings.ts';
import type { ClientStatus } from './status.ts';
import { Timer } from './timer.ts';

/** How long a connection must hold until earlier failures are forgotten. */
const STABLE_MS = 10_000;

/** While the platform sees no network, dials are at least that far apart: it may be wrong. */
const OFFLINE_WAIT_MS = 30_000;

/** A message of ours was too big or broken, or its id in use. */
const OUR_FAULT = /1007|1009|4400|4409/;

/** Makes connections while there are operations; decides when to dial, and when to give up. */
export class Dialer implements Connector {
  readonly operations: Operations;
  readonly #settings: Settings;
  readonly #listeners = new Set<(status: ClientStatus) => void>();
  #status: ClientStatus = { name: 'idle' };
  #connection: Connection | undefined;
  /** Failures in a row. */
  #attempt = 0;
  /** Whether new credentials were asked for since the connection was last stable. */
  #hasRenewed = false;
  #error: ClientError | undefined;
  #closed: Promise<void> | undefined;
  /** Before this time the server wants no dial. */
  #notBefore = 0;
  #unwatch: (() => void) | undefined;
  /** Until the next dial, or until the connection counts as stable. */
  readonly #timer = new Timer();
  readonly #idle = new Timer();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.operations = new Operations(this, settings.retryDelayMs);
  }

  get status(): ClientStatus {
    return this.#status;
  }

  on(listener: (status: ClientStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  need(operation: Operation): void {
    this.#idle.clear();
    if (this.#status.name === 'closed') this.operations.end(operation, this.#status.error);
    else if (this.#status.name === 'idle') this.#dial();
  }

  rest(): void {
    if (this.#status.name === 'open')
      this.#idle.set(this.#settings.idleCloseMs, () => this.#idleAway());
    else if ('retryInMs' in this.#status) this.#idleAway();
  }

  reconnect(): void {
    if ('error' in this.#status && this.#closed) throw this.#status.error;
    void this.#connection?.close();
    this.#forget();
    this.operations.lost(new ClientError('CONNECTION_LOST', 'Reconnected', { retryable: true }));
    this.#dial();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = this.#connection?.close() ?? Promise.resolve();
      this.#giveUp(new ClientError('CLIENT_CLOSED', 'The client was closed'));
    }
    return this.#closed;
  }

  /** Moves to a status, and on from it after a while; what belonged to the one before ends. */
  #become(status: ClientStatus, afterMs = Infinity, then = (): void => {}): void {
    this.#idle.clear();
    this.#timer.set(afterMs, then);
    this.#status = status;
    if (status.name === 'idle' || status.name === 'closed') {
      this.#connection = undefined;
      this.#unwatch?.();
      this.#unwatch = undefined;
    } else {
      this.#unwatch ??= watchEnvironment((isBack) => this.#noticed(isBack));
    }
    // Last: one may close the client, or dial anew; the others were told of that by then.
    for (const listener of this.#listeners) {
      if (this.#status === status) void callApp(() => listener(status));
    }
  }

  #dial(): void {
    const attempt = this.#attempt;
    const connection = new Connection(this.#settings, {
      opened: (ack) => {
        this.operations.use(connection);
        this.#become({ name: 'open', ack }, STABLE_MS, () => this.#forget());
        if (this.operations.isEmpty) this.rest();
      },
      received: (message) => this.operations.received(message),
      ended: (error) => this.#ended(error),
    });
    this.#connection = connection;
    this.#become({ name: 'connecting', attempt });
    // A listener may have closed the client, or dialled anew.
    if (this.#connection === connection) void connection.dial({ attempt, error: this.#error });
  }

  /** Earlier failures count no more. */
  #forget(): void {
    this.#attempt = 0;
    this.#hasRenewed = false;
    this.#error = undefined;
  }

  #ended(error: ClientError): void {
    const { params, retryAttempts } = this.#settings;
    const { closeCode, message } = error;
    this.#attempt += 1;
    // Who could not be asked for params is asked again for the same reason.
    if (closeCode) this.#error = error;
    this.#notBefore = Date.now() + floorMs(message);
    const isRefused = /440[13]/.test(`${closeCode}`);
    // Other credentials may help, once, where there is somebody to ask for them.
    const mayRenew = isRefused && !this.#hasRenewed && typeof params === 'function';
    this.#hasRenewed ||= mayRenew;
    if ((!error.retryable && !mayRenew) || this.#attempt > retryAttempts) {
      return this.#giveUp(error);
    }
    const isOurFault = OUR_FAULT.test(`${closeCode}`);
    const lost = { closeCode, cause: error, retryable: true };
    this.operations.lost(
      mayRenew ? new ClientError('CONNECTION_LOST', message, lost) : error,
      isOurFault,
    );
    if (this.operations.isEmpty) this.#become({ name: 'idle' });
    else this.#wait(error);
  }

  #giveUp(error: ClientError): void {
    // First: a listener may begin anew.
    this.operations.fail(error);
    this.#become({ name: 'closed', error });
  }

  #idleAway(): void {
    void this.#connection?.close();
    this.operations.use(undefined);
    this.#become({ name: 'idle' });
  }

  #wait(error: ClientError): void {
    const isWithoutNetwork = isOffline();
    const attempt = this.#attempt;
    const random = this.#settings.retryDelayMs(attempt);
    const retryInMs =
      Math.max(0, this.#notBefore - Date.now()) +
      (isWithoutNetwork ? Math.max(random, OFFLINE_WAIT_MS) : random);
    const name = isWithoutNetwork ? 'offline' : 'waiting';
    this.#become({ name, attempt, retryInMs, error }, retryInMs, () => this.#dial());
  }

  /** Tries sooner when the network or the user is back, and asks a connection whether it lives. */
  #noticed(isBack: boolean): void {
    this.#connection?.probe();
    if (!('retryInMs' in this.#status)) return;
    if (isBack) this.#attempt = 1;
    this.#wait(this.#status.error);
  }
}
