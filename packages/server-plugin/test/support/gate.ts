/** Something that a test holds back and lets go. */
export interface Gate<T = void> {
  /** Settles when the test says so. */
  readonly passed: Promise<T>;
  /** How many have come to the gate. */
  readonly arrivals: number;
  /** Comes to the gate and waits there. */
  arrive(): Promise<T>;
  /** Resolves when so many have come to it. */
  arrived(count?: number): Promise<void>;
  open(value: T): void;
  fail(error: unknown): void;
}

/** Makes a gate that is closed. */
export function createGate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  promise.catch(() => undefined);
  let arrivals = 0;
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const notify = (): void => {
    for (const each of waiting) if (arrivals >= each.count) each.resolve();
    waiting = waiting.filter(({ count }) => arrivals < count);
  };
  return {
    passed: promise,
    get arrivals() {
      return arrivals;
    },
    arrive: () => {
      arrivals += 1;
      notify();
      return promise;
    },
    arrived: (count = 1) =>
      new Promise((seen) => {
        waiting.push({ count, resolve: seen });
        notify();
      }),
    open: (value) => open(value),
    fail: (error) => fail(error),
  };
}
