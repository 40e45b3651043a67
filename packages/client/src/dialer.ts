import { floorMs } from './back-off.ts';
import { ABNORMAL, Connection } from './connection.ts';
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

/** What tells that the network or the user is back, or that the network is gone. */
const PLATFORM_EVENTS = ['online', 'offline', 'visibilitychange'];

/** Makes connections while there are operations; decides when to dial, and when to give up. */
export class Dialer implements Connector {
  readonly operations: Operations;
  readonly #settings: Settings;
  readonly #listeners = new Set<(status: ClientStatus) => void>();
  #status: ClientStatus = { name: 'idle' };
  #connection: Connection | undefined;
  /** When the last one was acknowledged, by a clock that nobody sets. */
  #openedAt = 0;
  /** Failures in a row. */
  #attempt = 0;
  /** Whether new credentials were asked for since a connection was good. */
  #hasRenewed = false;
  /** Why the last connection ended, for who makes the params of the next. */
  #lastError: ClientError | undefined;
  /** Before this time nobody is dialled; the server asked for a part of it. */
  #notBefore = 0;
  #floor = 0;
  /** Why it is closed for good. */
  #closedBy: ClientError | undefined;
  /** Resolves when every socket so far is closed. */
  #closings: Promise<void> = Promise.resolve();
  /** Until the next dial. */
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
    if (this.#lastError && this.#notBefore > Date.now()) this.#wait(this.#lastError);
    else this.#dial();
  }

  rest(): void {
    if (this.#status.name === 'open') {
      this.#idle.set(this.#settings.idleCloseMs, () => {
        // It was good to the end.
        this.#hangUp(true);
        this.#become({ name: 'idle' });
      });
    } else if ('retryInMs' in this.#status) {
      this.#become({ name: 'idle' });
    }
  }

  reconnect(): void {
    if (this.#closedBy) throw this.#closedBy;
    this.#hangUp(true);
    this.operations.lost(new ClientError('CONNECTION_LOST', 'Reconnected'));
    this.#dial();
  }

  async close(): Promise<void> {
    if (!this.#closedBy) {
      this.#closedBy = new ClientError('CLIENT_CLOSED', 'The client was closed');
      this.#hangUp(true);
      this.#giveUp(this.#closedBy);
    }
    await this.#closings;
  }

  /** Moves to a status, and on from it after a while; what belonged to the one before ends. */
  #become(status: ClientStatus, afterMs = Infinity, then = (): void => {}): void {
    this.#idle.clear();
    this.#timer.set(afterMs, then);
    this.#status = status;
    const method = /idle|closed/.test(status.name) ? 'removeEventListener' : 'addEventListener';
    // Capturing: not every browser lets what happens to the document bubble up.
    for (const event of PLATFORM_EVENTS) globalThis[method]?.(event, this.#noticed, true);
    // Last: one may close the client, or dial anew; the others were told of that by then.
    for (const listener of this.#listeners) {
      if (this.#status === status) void callApp(() => listener(status));
    }
  }

  readonly #dial = (): void => {
    const attempt = this.#attempt;
    const connection = new Connection(this.#settings, {
      opened: (ack) => {
        this.#openedAt = performance.now();
        this.operations.use(connection);
        this.#become({ name: 'open', ack });
        if (this.operations.isEmpty) this.rest();
      },
      received: (message) => this.operations.received(message),
      ended: (error) => this.#ended(error),
    });
    this.#connection = connection;
    this.#become({ name: 'connecting', attempt });
    // A listener may have closed the client, or dialled anew.
    if (this.#connection === connection) void connection.dial({ attempt, error: this.#lastError });
  };

  /** Closes the connection, if any; earlier failures count no more when it was good. */
  #hangUp(wasGood: boolean): void {
    const closing = this.#connection?.close();
    this.#closings = this.#closings.then(() => closing);
    this.#connection = undefined;
    this.operations.use(undefined);
    if (wasGood) {
      this.#attempt = 0;
      this.#notBefore = 0;
      this.#hasRenewed = false;
      this.#lastError = undefined;
    }
  }

  #ended(error: ClientError): void {
    const { params, retryAttempts } = this.#settings;
    const { closeCode, message } = error;
    const status = this.#status;
    // No part of the floor: when the platform says that the network is back, that was at fault.
    const toldMs = closeCode === ABNORMAL ? this.operations.retryAfterMs : 0;
    this.#hangUp(status.name === 'open' && performance.now() - this.#openedAt >= STABLE_MS);
    this.#attempt += 1;
    this.#floor = Date.now() + floorMs(message);
    this.#notBefore = this.#soonest() + toldMs;
    // Who was asked for the wait may have closed the client, or dialled anew.
    if (this.#status !== status) return;
    // Other credentials may help, once, where there is somebody to ask for them.
    const mayRenew =
      /440[13]/.test(`${closeCode}`) && !this.#hasRenewed && typeof params === 'function';
    this.#hasRenewed ||= mayRenew;
    // Who could not be asked for params is asked again for the same reason.
    if (closeCode || !this.#lastError) this.#lastError = error;
    if (this.#attempt > retryAttempts || !(error.retryable || mayRenew)) return this.#giveUp(error);
    this.operations.lost(
      mayRenew ? new ClientError('CONNECTION_LOST', message, { closeCode, cause: error }) : error,
    );
    if (this.operations.isEmpty) this.#become({ name: 'idle' });
    else this.#wait(error);
  }

  #giveUp(error: ClientError): void {
    // Nothing of the old begins anything any more, and a listener may begin anew.
    this.#status = { name: 'closed', error };
    this.operations.lost(error, true);
    this.#become(this.#status);
  }

  /** When the next dial may be, after the failures so far. */
  #soonest(): number {
    return Math.max(Date.now(), this.#floor) + this.#settings.retryDelayMs(this.#attempt);
  }

  #wait(error: ClientError, isOffline = globalThis.navigator?.onLine === false): void {
    if (isOffline) this.#notBefore = Math.max(this.#notBefore, Date.now() + OFFLINE_WAIT_MS);
    const retryInMs = Math.max(0, this.#notBefore - Date.now());
    this.#become(
      { name: isOffline ? 'offline' : 'waiting', attempt: this.#attempt, retryInMs, error },
      retryInMs,
      this.#dial,
    );
  }

  /** Tries sooner when the network or the user is back, and asks a connection whether it lives. */
  readonly #noticed = ({ type }: { readonly type: string }): void => {
    const isOffline = type === 'offline';
    // Pages that are hidden may be frozen before the answer comes.
    if (type === 'visibilitychange' && globalThis.document.hidden) return;
    this.#connection?.probe();
    if (!('retryInMs' in this.#status)) return;
    if (!isOffline) {
      this.#attempt = 1;
      this.#notBefore = Math.min(this.#notBefore, this.#soonest());
    }
    this.#wait(this.#status.error, isOffline);
  };
}
