/** Tells a promise, of whatever library, from a value. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/**
 * Goes on with a value that may be a promise: in this tick when it is none, so that what user code does
 * synchronously is delivered synchronously.
 */
export function whenSettled<Value, Next>(
  value: Value | PromiseLike<Value>,
  next: (value: Value) => Next | PromiseLike<Next>,
): Next | PromiseLike<Next> {
  return isPending(value) ? Promise.resolve(value).then(next) : next(value);
}

/** Calls `work` and answers a throw or a rejection with `rescue`. Synchronous when `work` is. */
export function attempt<Value>(
  work: () => Value | PromiseLike<Value>,
  rescue: (error: unknown) => Value | PromiseLike<Value>,
): Value | PromiseLike<Value> {
  try {
    const value = work();
    return isPending(value) ? Promise.resolve(value).then(undefined, rescue) : value;
  } catch (error) {
    return rescue(error);
  }
}

function isPending<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return isPromiseLike(value);
}
