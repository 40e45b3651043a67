import mqemitter, { type Message, type MQEmitter } from 'mqemitter';
import { expect, test } from 'vitest';
import { type Emitter, runBrokerContract } from '../src/broker-contract.ts';

type Listener = (message: Message, done: () => void) => void;
type Callback = (error?: Error) => void;

/** Milliseconds that the contract waits for an emitter that has a fault. */
const TIMEOUT_MS = 500;

/** Runs the contract by a runner of three lines; resolves with the titles that fail, and why. */
async function failuresOf(
  createEmitter: () => Emitter,
  timeoutMs: number = TIMEOUT_MS,
): Promise<ReadonlyMap<string, string>> {
  const running: Promise<void>[] = [];
  const failures = new Map<string, string>();
  const runner = (title: string, run: () => Promise<void>): void => {
    running.push(run().catch(({ message }: Error) => void failures.set(title, message)));
  };
  runBrokerContract({ name: 'it', test: runner, createEmitter, timeoutMs });
  expect(running.length).toBeGreaterThan(15);
  await Promise.all(running);
  return failures;
}

/** In memory; each test gives it one fault. */
class FaultyEmitter implements MQEmitter {
  readonly current = 0;
  readonly concurrent = 0;
  protected readonly inner: MQEmitter = mqemitter();

  on(topic: string, listener: Listener, done?: Callback): this {
    this.inner.on(topic, listener, done);
    return this;
  }

  removeListener(topic: string, listener: Listener, done?: Callback): void {
    this.inner.removeListener(topic, listener, done);
  }

  emit(message: Message, done?: Callback): void {
    this.inner.emit(message, done);
  }

  close(done: () => void): void {
    this.inner.close(done);
  }
}

const delivery =
  'it: what is published after join() has resolved arrives, as it was, with its topic';
const order = 'it: messages arrive in the order of the calls, without waiting for one to be taken';
const secondJoin =
  'it: who joins a topic that another process is joining, or has, gets an answer that is true for itself';

test('an emitter without a fault passes, run by any function that takes tests', async () => {
  expect([...(await failuresOf(() => new FaultyEmitter(), 10_000))]).toEqual([]);
});

test('an emitter that drops every third message fails', async () => {
  class Dropping extends FaultyEmitter {
    #count = 0;

    override emit(message: Message, done?: Callback): void {
      this.#count += 1;
      if (this.#count % 3 === 0) done?.();
      else super.emit(message, done);
    }
  }

  const failures = await failuresOf(() => new Dropping());

  expect(failures.get(order)).toBe(`After ${TIMEOUT_MS} ms 667 of 1000 messages have arrived`);
});

test('an emitter that acknowledges joins too early fails', async () => {
  class Hasty extends FaultyEmitter {
    override on(topic: string, listener: Listener, done?: Callback): this {
      setTimeout(() => this.inner.on(topic, listener), 20);
      done?.();
      return this;
    }
  }

  const failures = await failuresOf(() => new Hasty());

  expect(failures.get(delivery)).toBe(`After ${TIMEOUT_MS} ms 0 of 1 messages have arrived`);
});

test('an emitter that acknowledges only the second join of a topic too early fails', async () => {
  class HastyTwice extends FaultyEmitter {
    readonly #asked = new Set<string>();

    override on(topic: string, listener: Listener, done?: Callback): this {
      const isSecond = this.#asked.has(topic);
      this.#asked.add(topic);
      setTimeout(() => this.inner.on(topic, listener, isSecond ? undefined : done), 20);
      if (isSecond) done?.();
      return this;
    }

    override removeListener(topic: string, listener: Listener, done?: Callback): void {
      this.#asked.delete(topic);
      super.removeListener(topic, listener, done);
    }
  }

  const failures = await failuresOf(() => new HastyTwice());

  expect([...failures.keys()]).toContain(secondJoin);
  expect([...failures.keys()]).not.toContain(delivery);
});

test('an emitter that reorders messages fails', async () => {
  class Reordering extends FaultyEmitter {
    #held: (() => void) | undefined;

    /** Each waits a moment for the next one, and comes after it. */
    override emit(message: Message, done?: Callback): void {
      const earlier = this.#held;
      const go = (): void => super.emit(message, done);
      this.#held = earlier === undefined ? go : undefined;
      if (earlier === undefined) {
        setTimeout(() => this.#release(go), 5);
        return;
      }
      go();
      earlier();
    }

    #release(held: () => void): void {
      if (this.#held !== held) return;
      this.#held = undefined;
      held();
    }
  }

  expect([...(await failuresOf(() => new Reordering())).keys()]).toContain(order);
});

test('an emitter that delivers twice fails', async () => {
  class Repeating extends FaultyEmitter {
    override emit(message: Message, done?: Callback): void {
      super.emit(message);
      super.emit(message, done);
    }
  }

  expect([...(await failuresOf(() => new Repeating())).keys()]).toContain(order);
});

test('an emitter that never calls back fails, and says what was waited for', async () => {
  class Silent extends FaultyEmitter {
    override close(): void {}
  }
  class Mute extends FaultyEmitter {
    override emit(message: Message): void {
      super.emit(message);
    }
  }

  const silent = await failuresOf(() => new Silent());
  const mute = await failuresOf(() => new Mute());

  expect(new Set(silent.values())).toEqual(
    new Set([`After ${TIMEOUT_MS} ms close() of the emitter has not called back`]),
  );
  expect(mute.get(order)).toBe(`After ${TIMEOUT_MS} ms the publish of "0" was not acknowledged`);
});
