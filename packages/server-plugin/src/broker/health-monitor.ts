import type { BrokerHealth, BrokerLog } from './broker.ts';

/** Keeps a broker's health, and tells about each change of it, to listeners and in the log. */
export class HealthMonitor {
  readonly #log: BrokerLog;
  readonly #listeners = new Set<(health: BrokerHealth) => void>();
  #health: BrokerHealth = { status: 'up', since: new Date() };

  constructor(log: BrokerLog) {
    this.#log = log;
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

  /** It is closed; nothing changes after that. */
  closed(): void {
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
    if (status === 'degraded') this.#log.warn({ err: lastError }, 'The broker is degraded');
    else if (status === 'up') this.#log.warn({}, 'The broker is up again');
    for (const listener of this.#listeners) {
      try {
        listener(this.#health);
      } catch (error) {
        this.#log.error({ err: error }, 'A listener of the broker health threw');
      }
    }
  }
}
