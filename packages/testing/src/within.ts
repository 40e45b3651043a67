import { afterMs } from './real-timers.ts';

/** How waiting with a limit came out. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'timeout' };

/** Waits for a promise, at most so many real milliseconds; rejects when the promise does. */
export function within<T>(promise: PromiseLike<T>, timeoutMs: number): Promise<Outcome<T>> {
  return new Promise((resolve, reject) => {
    const cancel = afterMs(timeoutMs, () => resolve({ kind: 'timeout' }));
    promise.then(
      (value) => {
        cancel();
        resolve({ kind: 'done', value });
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
