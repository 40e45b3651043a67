import { defineSubscription } from '@groupcast/fastify';
import { LEGACY } from '@groupcast/protocol';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, describeLegacy, describeModern, type Wire } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Mutation { hang: String }
  type Message { text: String }
  type Subscription { onMessage: Message, ticks: Int }
`;

/** A client in strict order whose mutation hangs. */
async function startHanging(wire: Wire) {
  const hanging = createGate<string>();
  const reasons: string[] = [];
  const closed = createGate();
  const onMessage = defineSubscription({
    subscribe: () => 'all',
    publish: (message: { text: string }) => message,
    unsubscribed: (reason) => reasons.push(reason),
  });
  const ticks: AsyncIterableIterator<unknown> = {
    [Symbol.asyncIterator]: () => ticks,
    next: () => new Promise(() => undefined),
    return: async () => {
      void closed.arrive();
      return { done: true, value: undefined };
    },
  };
  const started = await startApp(wire, {
    typeDefs,
    resolvers: {
      Query: { hello: () => 'world' },
      Mutation: { hang: () => hanging.arrive() },
      Subscription: { onMessage, ticks: { subscribe: () => ticks } },
    },
    strictOrdering: true,
  });
  const client = await started.connect();
  const messages = await client.subscribe('subscription { onMessage { text } }');
  const ticking = await client.subscribe('subscription { ticks }');
  const mutation = client.start('mutation { hang }');
  await hanging.arrived();
  return { ...started, client, closed, hanging, messages, mutation, onMessage, reasons, ticking };
}

describeBoth('with strictOrdering, while an operation runs', (wire) => {
  test('O2 complete and stop end subscriptions of both kinds at once', async () => {
    const { client, closed, hanging, messages, mutation, reasons, ticking } =
      await startHanging(wire);
    messages.stop();
    ticking.stop();
    await closed.arrived();
    await client.fence();
    expect(reasons).toEqual(['client']);
    if (wire.protocol === LEGACY) {
      await messages.expectComplete();
      await ticking.expectComplete();
    }
    expect(mutation.unread).toBe(0);
    hanging.open('done');

    await mutation.expectNext({ hang: 'done' });
    await mutation.expectComplete();
    await client.expectSilence();
  });

  test('O2 unsubscribe() ends a subscription at once', async () => {
    const { app, client, hanging, messages, mutation, onMessage } = await startHanging(wire);
    await app.graphqlWs.unsubscribe(onMessage);
    await messages.expectComplete();
    expect(mutation.unread).toBe(0);
    hanging.open('done');
    await mutation.expectNext({ hang: 'done' });
    await mutation.expectComplete();
    await client.expectSilence();
  });

  test('O2 notifications wait in order, and none is lost', async () => {
    const { app, client, hanging, messages, mutation, onMessage } = await startHanging(wire);
    const query = client.start('{ hello }');
    for (const text of ['a', 'b', 'c']) await app.broadcast(onMessage, { payload: { text } });
    await client.fence();
    expect([messages.unread, query.unread]).toEqual([0, 0]);
    hanging.open('done');

    await mutation.expectNext({ hang: 'done' });
    for (const text of ['a', 'b', 'c']) await messages.expectNext({ onMessage: { text } });
    await query.expectNext({ hello: 'world' });
  });

  test('O2 a disconnect forgets those that wait for their turn', async () => {
    const { app, client, hanging } = await startHanging(wire);
    client.start('{ hello }');
    client.start('subscription { onMessage { text } }');
    await client.fence();
    expect(app.graphqlWs.stats().operations).toBe(5);
    client.terminate();
    await expect
      .poll(() => app.graphqlWs.stats(), { interval: 1 })
      .toMatchObject({ connections: 0, operations: 0, members: 0 });
    hanging.open('late');
    await app.graphqlWs.settled();

    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, groups: 0, members: 0 });
  });
});

describeModern('with strictOrdering, while an operation runs', (wire) => {
  test('O2 ping is answered at once', async () => {
    const { client, hanging, mutation } = await startHanging(wire);
    client.send({ type: 'ping', payload: { n: 1 } });
    await client.expectMessage({ type: 'pong', payload: { n: 1 } });
    expect(mutation.unread).toBe(0);
    hanging.open('done');
  });
});

describeLegacy('with strictOrdering, while an operation runs', (wire) => {
  test('O2 connection_terminate closes at once', async () => {
    const { client, hanging, reasons } = await startHanging(wire);
    client.send({ type: 'connection_terminate' });

    await client.expectClose(1000);
    expect(reasons).toEqual(['disconnect']);
    hanging.open('late');
  });
});
