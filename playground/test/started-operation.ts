import type { RealClient, Result } from './real-clients.ts';

const CONFIRM = { groupcast: { v: 1, confirm: true } };
const CONFIRMED = { groupcast: { v: 1, confirmed: true } };

/** One operation of a real client, whose results wait until a test takes them. */
export class StartedOperation {
  /** Stops the operation from the client's side. */
  readonly stop: () => void;
  /** Resolves when the operation completes, rejects when it fails. */
  readonly ended: Promise<void>;
  readonly #unread: Result[] = [];
  #wake: () => void = () => undefined;

  constructor(client: RealClient, query: string) {
    let stop: () => void = () => undefined;
    this.ended = new Promise((complete, error) => {
      const next = (result: Result) => {
        this.#unread.push(result);
        this.#wake();
      };
      stop = client.start({ query, extensions: CONFIRM }, { next, error, complete });
    });
    // Its failure is looked at by those tests that await it.
    this.ended.catch(() => undefined);
    this.stop = stop;
  }

  /** How many results have arrived that nobody took. */
  get unread(): number {
    return this.#unread.length;
  }

  /** Takes the next result. */
  async next(): Promise<Result> {
    for (;;) {
      const result = this.#unread.shift();
      if (result) return result;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  /** Takes the server's confirmation that the subscription is live; it comes again after a reconnect. */
  async live(): Promise<void> {
    const { data, extensions } = await this.next();
    if (data === null && JSON.stringify(extensions) === JSON.stringify(CONFIRMED)) return;
    throw new Error(`Expected a confirmation, got ${JSON.stringify({ data, extensions })}`);
  }
}
