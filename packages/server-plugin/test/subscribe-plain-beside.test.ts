import { defineSubscription } from '@groupcast/fastify';
import { LEGACY } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

/** A source as any library may make one: an async iterator that a test pushes into. */
class Pushed implements AsyncIterableIterator<unknown> {
  readonly #values: unknown[] = [];
  #wake: () => void = () => undefined;
  isClosed = false;

  push(value: unknown): void {
    this.#values.push(value);
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown>> {
    while (this.#values.length === 0 && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.isClosed) return { done: true, value: undefined };
    return { done: false, value: this.#values.shift() };
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.isClosed = true;
    this.#wake();
    return { done: true, value: undefined };
  }
}

async function startBoth(wire: Wire) {
  const pushed = new Pushed();
  const onMessage = defineSubscription({
    subscribe: () => 'red',
    publish: (message: { text: string }) => message,
  });
  const started = await startApp(wire, {
    typeDefs: `
      type Query { hello: String }
      type Message { text: String }
      type Subscription { onMessage: Message, countdown(from: Int!): Int, pushed: Message }
    `,
    resolvers: {
      Query: { hello: () => 'world' },
      Subscription: {
        onMessage,
        countdown: {
          subscribe: async function* (_root: unknown, { from }: { from: number }) {
            for (let n = from; n > 0; n -= 1) yield { countdown: n };
          },
        },
        pushed: { subscribe: () => pushed, resolve: (message: unknown) => message },
      },
    },
  });
  return { ...started, onMessage, pushed };
}

describeBoth('plain subscriptions beside those of groups', (wire) => {
  test('S8 run on the same connection, and neither disturbs the other', async () => {
    const { app, connect, onMessage, pushed } = await startBoth(wire);
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage { text } }');
    const iterated = await client.subscribe('subscription { pushed { text } }');
    const countdown = await client.subscribe('subscription { countdown(from: 2) }');
    await countdown.expectNext({ countdown: 2 });
    await countdown.expectNext({ countdown: 1 });
    await countdown.expectComplete();

    await app.broadcast(onMessage, { group: 'red', payload: { text: 'group' } });
    pushed.push({ text: 'plain' });
    await messages.expectNext({ onMessage: { text: 'group' } });
    await iterated.expectNext({ pushed: { text: 'plain' } });
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    await client.expectSilence();
  });

  test('S8 end on their own: a stop of one leaves the other live', async () => {
    const { app, connect, onMessage, pushed } = await startBoth(wire);
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage { text } }');
    const iterated = await client.subscribe('subscription { pushed { text } }');
    iterated.stop();
    await app.graphqlWs.settled();
    if (wire.protocol === LEGACY) await iterated.expectComplete();
    await iterated.expectSilence();
    expect(pushed.isClosed).toBe(true);

    await app.broadcast(onMessage, { group: 'red', payload: { text: 'group' } });
    await messages.expectNext({ onMessage: { text: 'group' } });
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 1, members: 2 });
  });

  test('S8 are in no group: broadcasts to their field and unsubscribe are refused', async () => {
    const { app } = await startBoth(wire);

    await expect(app.broadcast('pushed', { payload: {} })).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN',
    });
    await expect(app.graphqlWs.unsubscribe('countdown')).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN',
    });
  });
});
