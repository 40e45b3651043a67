/** A message that was not sent yet, or not answered. */
interface Item<T> {
  /** Its place among all. */
  readonly number: number;
  readonly send: () => Promise<T>;
  readonly deadline: number;
  readonly resolve: (result: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** It has certainly not left this process. */
export class NotSentError extends Error {
  constructor(cause: Error) {
    super('it could not be sent', { cause });
    this.name = 'NotSentError';
  }
}

/**
 * So many are under way at most: what is handed to a connection can't be taken back when its time is
 * over. At a round trip of 10 ms it limits a process to 100,000 messages in a second.
 */
const UNDER_WAY = 1_000;

/**
 * Messages on their way out, in order: sent at once, or when that is possible again.
 *
 * Deadlines must never fall. What waits past its own is forgotten, and never sent; so it holds no
 * more than is given to it in that time.
 */
export class Outgoing<T> {
  readonly #mayGo: () => boolean;
  /** By their numbers. */
  #waiting: Item<T>[] = [];
  #numbers = 0;
  #underWay = 0;
  #onIdle: (() => void) | undefined;

  /** @param mayGo - whether what is sent now arrives */
  constructor(mayGo: () => boolean) {
    this.#mayGo = mayGo;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay === 0;
  }

  /** How many were not sent yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @param send - called again at the next `flush()` when it rejects with a NotSentError
   * @returns settles with `send()`; rejects when it was forgotten
   */
  add(send: () => Promise<T>, deadline: number): Promise<T> {
    this.#forgetLate();
    return new Promise((resolve, reject) => {
      this.#numbers += 1;
      const item: Item<T> = { number: this.#numbers, send, deadline, resolve, reject };
      if (this.#waiting.length === 0 && this.#hasRoom()) this.#send(item);
      else this.#waiting.push(item);
    });
  }

  /** Sends what waits, as far as that is possible. */
  flush(): void {
    this.#forgetLate();
    const waiting = this.#waiting;
    let sent = 0;
    for (const item of waiting) {
      if (!this.#hasRoom()) break;
      this.#send(item);
      sent += 1;
    }
    if (sent > 0) this.#waiting = waiting.slice(sent);
    this.#checkIdle();
  }

  /** Forgets what was not sent. */
  clear(reason: unknown): void {
    for (const item of this.#waiting.splice(0)) item.reject(reason);
    this.#checkIdle();
  }

  /** Resolves when all is sent and answered; once only. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#checkIdle();
    });
  }

  #hasRoom(): boolean {
    return this.#underWay < UNDER_WAY && this.#mayGo();
  }

  #forgetLate(): void {
    if (this.#waiting.length === 0) return;
    const now = performance.now();
    const inTime = this.#waiting.findIndex((item) => item.deadline > now);
    const count = inTime < 0 ? this.#waiting.length : inTime;
    for (const item of this.#waiting.splice(0, count)) {
      item.reject(new Error('it could not be sent in time'));
    }
  }

  #send(item: Item<T>): void {
    this.#underWay += 1;
    item.send().then(
      (result) => {
        this.#underWay -= 1;
        item.resolve(result);
        this.#goOn();
      },
      (error: unknown) => {
        this.#underWay -= 1;
        if (error instanceof NotSentError) return this.#putBack(item);
        item.reject(error);
        this.#goOn();
      },
    );
  }

  #putBack(item: Item<T>): void {
    const later = this.#waiting.findIndex(({ number }) => number > item.number);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, item);
  }

  #goOn(): void {
    // In batches: each costs a copy of what waits.
    if (this.#waiting.length > 0 && this.#underWay <= UNDER_WAY / 2) this.flush();
    else this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.isIdle) this.#onIdle?.();
  }
}
