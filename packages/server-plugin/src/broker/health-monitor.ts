import type { BrokerHealth, BrokerLog } from './broker.ts';

/** Keeps a broker's health, and tells about each change of it, to listeners and in the log. */
export class HealthMonitor {
  readonly #log: BrokerLog;
  readonly #listeners = new Set<(health: BrokerHealth) => void>();
  #health: BrokerHealth;
  /** Whether the log tells how it stands; not so while it is `down` because it has just begun. */
  #isTold: boolean;
  #isClosed = false;

  /** @param status - at the start; `down` is told when something fails, or by `report()` */
  constructor(log: BrokerLog, status: 'up' | 'down' = 'up') {
    this.#log = log;
    this.#health = { status, since: new Date() };
    this.#isTold = status === 'up';
  }

  get health(): BrokerHealth {
    return this.#health;
  }

  /** Something worked that shows that messages go out or come in. */
  succeeded(): void {
    if (this.#health.status === 'degraded') this.#change('up', this.#health.lastError);
  }

  /** Something failed. */
  failed(error: Error): void {
    if (this.#health.status === 'up') this.#change('degraded', error);
    else this.#health = { ...this.#health, lastError: error };
  }

  /** How it stands now, for who watches the connections themselves. */
  report(status: BrokerHealth['status'], error: Error | undefined = this.#health.lastError): void {
    if (status !== this.#health.status) return this.#change(status, error);
    if (error === undefined) return;
    this.#health = { ...this.#health, lastError: error };
    if (!this.#isTold) this.#tell(status, error);
  }

  /** It is closed; nothing changes after that. */
  closed(): void {
    this.#isClosed = true;
    if (this.#health.status !== 'down') this.#change('down', this.#health.lastError);
    this.#listeners.clear();
  }

  /**
   * Calls back on each change, in the tick of the change; the result stops that. A throw is logged.
   */
  onChange(listener: (health: BrokerHealth) => void): () => void {
    // Wrapped, so that a function given twice is called twice, and each result stops its own.
    const own = (health: BrokerHealth): void => listener(health);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  #change(status: BrokerHealth['status'], lastError: Error | undefined): void {
    const since = new Date();
    this.#health = lastError === undefined ? { status, since } : { status, since, lastError };
    this.#tell(status, lastError);
    for (const listener of this.#listeners) {
      try {
        listener(this.#health);
      } catch (error) {
        this.#log.error({ err: error }, 'A listener of the broker health threw');
      }
    }
  }

  /** A line for each change, but for a start that went well and for the end. */
  #tell(status: BrokerHealth['status'], error: Error | undefined): void {
    if (this.#isClosed) return;
    if (status !== 'up') this.#log.warn({ err: error }, `The broker is ${status}`);
    else if (this.#isTold) this.#log.warn({}, 'The broker is up again');
    this.#isTold = true;
  }
}
