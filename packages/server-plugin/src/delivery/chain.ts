import { isPromiseLike } from '../subscription/promise-like.ts';

/** Goes on with a value: at once when it is there, later when it is a promise. */
export function chain<T, R>(
  value: T | PromiseLike<T>,
  next: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return isPromiseLike(value) ? Promise.resolve(value).then(next) : next(value);
}
