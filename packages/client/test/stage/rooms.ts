/** The subscribers of each room and field; for servers without groups also how they are reached. */
export class Rooms {
  readonly #counts = new Map<string, number>();
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();

  count(field: string, room: string): number {
    return this.#counts.get(keyOf(field, room)) ?? 0;
  }

  entered(field: string, room: string): void {
    this.#counts.set(keyOf(field, room), this.count(field, room) + 1);
  }

  left(field: string, room: string): void {
    this.#counts.set(keyOf(field, room), this.count(field, room) - 1);
  }

  publish(field: string, room: string, payload: unknown): void {
    for (const hear of this.#listeners.get(keyOf(field, room)) ?? []) hear(payload);
  }

  /** What is published from now on. Enters at once, leaves by `return()`. */
  listen(field: string, room: string): AsyncIterableIterator<unknown> {
    const queue: unknown[] = [];
    const takers: ((result: IteratorResult<unknown>) => void)[] = [];
    const hear = (payload: unknown): void => {
      const take = takers.shift();
      if (take) take({ value: payload, done: false });
      else queue.push(payload);
    };
    const leave = this.#enter(field, room, hear);
    let isOver = false;
    const end = async (): Promise<IteratorResult<unknown>> => {
      if (!isOver) leave();
      isOver = true;
      for (const take of takers.splice(0)) take({ value: undefined, done: true });
      return { value: undefined, done: true };
    };
    return {
      next: () => {
        if (queue.length > 0) return Promise.resolve({ value: queue.shift(), done: false });
        return isOver ? end() : new Promise((resolve) => void takers.push(resolve));
      },
      return: end,
      throw: end,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #enter(field: string, room: string, hear: (payload: unknown) => void): () => void {
    const key = keyOf(field, room);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(hear));
    this.entered(field, room);
    return () => {
      listeners.delete(hear);
      this.left(field, room);
    };
  }
}

function keyOf(field: string, room: string): string {
  return JSON.stringify([field, room]);
}
