import { floorMs } from './back-off.ts';
import { ABNORMAL, Connection } from './connection.ts';
import { isOffline, watchEnvironment } from './environment.ts';
import { ClientError } from './errors.ts';
import { type Connector, type Operation, Operations } from './operations.ts';
import { callApp } from './report.ts';
import type { Settings } from './settings.ts';
import type { ClientStatus } from './status.ts';
import { Timer } from './timer.ts';

/** How long a connection must hold until earlier failures are forgotten. */
const STABLE_MS = 10_000;

/** While the platform sees no network, dials are that far apart at least: it may be wrong. */
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
  /** Why the last connection ended, for who makes the params of the next. */
  #error: ClientError | undefined;
  /** Before this time nobody is dialled; the server asked for a part of it. */
  #notBefore = 0;
  #floor = 0;
  #isClosed = false;
  /** Resolves when every socket so far is closed. */
  #closings: Promise<void> = Promise.resolve();
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
    // Wrapped, so that each result stops its own, also for a function that was given twice.
    const own = (status: ClientStatus): void => listener(status);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  need(operation: Operation): void {
    this.#idle.clear();
    if (this.#status.name === 'closed') return this.operations.end(operation, this.#status.error);
    if (this.#status.name !== 'idle') return;
    // A client that has something to do now and then must not dial faster than others.
    if (this.#error && this.#notBefore > Date.now()) this.#wait(this.#error);
    else this.#dial();
  }

  rest(): void {
    if (this.#status.name === 'open') {
      this.#idle.set(this.#settings.idleCloseMs, () => {
        this.#hangUp();
        // It was good to the end.
        this.#forget();
        this.#become({ name: 'idle' });
      });
    } else if ('retryInMs' in this.#status) {
      this.#become({ name: 'idle' });
    }
  }

  reconnect(): void {
    if (this.#isClosed) throw closedError();
    this.#hangUp();
    this.#forget();
    this.operations.lost(new ClientError('CONNECTION_LOST', 'Reconnected', { retryable: true }));
    this.#dial();
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#hangUp();
      this.#giveUp(closedError());
    }
    await this.#closings;
  }

  /** Moves to a status, and on from it after a while; what belonged to the one before ends. */
  #become(status: ClientStatus, afterMs = Infinity, then = (): void => {}): void {
    this.#idle.clear();
    this.#timer.set(afterMs, then);
    this.#status = status;
    if (status.name === 'idle' || status.name === 'closed') {
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

  /** Closes the connection on this side's wish. */
  #hangUp(): void {
    // Without their results, or each would hold that of the one before.
    this.#closings = Promise.all([this.#closings, this.#connection?.close()]).then(() => {});
    this.#connection = undefined;
    this.operations.use(undefined);
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
    if (closeCode || !this.#error) this.#error = error;
    this.#floor = Date.now() + floorMs(message);
    this.#notBefore = this.#soonest();
    // No part of the floor: when the platform says that the network is back, that was at fault.
    if (closeCode === ABNORMAL) this.#notBefore += this.operations.retryAfterMs;
    const isRefused = /440[13]/.test(`${closeCode}`);
    // Other credentials may help, once, where there is somebody to ask for them.
    const mayRenew = isRefused && !this.#hasRenewed && typeof params === 'function';
    this.#hasRenewed ||= mayRenew;
    if ((!error.retryable && !mayRenew) || this.#attempt > retryAttempts) {
      return this.#giveUp(error);
    }
    const lost = { closeCode, cause: error, retryable: true };
    this.operations.lost(
      mayRenew ? new ClientError('CONNECTION_LOST', message, lost) : error,
      OUR_FAULT.test(`${closeCode}`),
    );
    if (this.operations.isEmpty) this.#become({ name: 'idle' });
    else this.#wait(error);
  }

  #giveUp(error: ClientError): void {
    // Nothing of the old begins anything any more, and a listener may begin anew.
    this.#status = { name: 'closed', error };
    this.operations.fail(error);
    this.#become(this.#status);
  }

  /** When the next dial may be, after the failures so far. */
  #soonest(): number {
    return Math.max(Date.now(), this.#floor) + this.#settings.retryDelayMs(this.#attempt);
  }

  #wait(error: ClientError, isWithoutNetwork: boolean = isOffline()): void {
    const name = isWithoutNetwork ? 'offline' : 'waiting';
    if (isWithoutNetwork) {
      this.#notBefore = Math.max(this.#notBefore, Date.now() + OFFLINE_WAIT_MS);
    }
    const retryInMs = Math.max(0, this.#notBefore - Date.now());
    const attempt = this.#attempt;
    this.#become({ name, attempt, retryInMs, error }, retryInMs, () => this.#dial());
  }

  /** Tries sooner when the network or the user is back, and asks a connection whether it lives. */
  #noticed(isBack: boolean): void {
    this.#connection?.probe();
    if (!('retryInMs' in this.#status)) return;
    if (isBack) {
      this.#attempt = 1;
      this.#notBefore = Math.min(this.#notBefore, this.#soonest());
    }
    this.#wait(this.#status.error, !isBack);
  }
}

function closedError(): ClientError {
  return new ClientError('CLIENT_CLOSED', 'The client was closed');
}
