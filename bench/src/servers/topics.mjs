/** The least that servers without a pubsub of their own need: topics with async iterators. */
export class Topics {
  /** @type {Map<string, Set<TopicIterator>>} */
  #iterators = new Map();

  publish(topic, value) {
    for (const iterator of this.#iterators.get(topic) ?? []) iterator.push(value);
  }

  subscribe(topic) {
    const iterators = this.#iterators.get(topic) ?? new Set();
    this.#iterators.set(topic, iterators);
    const iterator = new TopicIterator(() => iterators.delete(iterator));
    iterators.add(iterator);
    return iterator;
  }
}

class TopicIterator {
  #queue = [];
  #waiting = [];
  #leave;

  constructor(leave) {
    this.#leave = leave;
  }

  push(value) {
    const resolve = this.#waiting.shift();
    if (resolve === undefined) this.#queue.push(value);
    else resolve({ value, done: false });
  }

  next() {
    if (this.#queue.length > 0) {
      return Promise.resolve({ value: this.#queue.shift(), done: false });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return() {
    this.#leave();
    for (const resolve of this.#waiting) resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error) {
    this.#leave();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
