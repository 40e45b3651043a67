import { defineSubscription, type EndReason } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Message { text: String }
  type Subscription { onMessage(room: String): Message, onOther(room: String): Message }
`;

const document = 'subscription ($room: String) { onMessage(room: $room) { text } }';
const red = { variables: { room: 'red' } };

function createParts(options: { readonly queueLimit?: number; readonly overflow?: 'end' } = {}) {
  const ended: [EndReason, unknown][] = [];
  const hook = createGate();
  const subscribing = createGate();
  const publishing = createGate();
  let [isHoldingSubscribe, isHoldingPublish] = [false, false];
  const onMessage = defineSubscription({
    subscribe: async (_root, args: { room?: string }) => {
      if (isHoldingSubscribe) await subscribing.arrive();
      return args.room;
    },
    publish: async (message: { text: string }) => {
      if (isHoldingPublish) await publishing.arrive();
      return message;
    },
    unsubscribed: (reason, args) => {
      ended.push([reason, args.room]);
      void hook.arrive();
    },
    ...options,
  });
  const onOther = defineSubscription({ subscribe: (_root, args: { room?: string }) => args.room });
  return {
    ended,
    hook,
    onMessage,
    subscribing,
    publishing,
    resolvers: { Subscription: { onMessage, onOther } },
    holdSubscribe: () => {
      isHoldingSubscribe = true;
    },
    holdPublish: () => {
      isHoldingPublish = true;
    },
  };
}

describeBoth('the end of a subscription', (wire) => {
  const answersStop = wire.protocol === 'graphql-ws';

  test('E3 unsubscribed runs once, with the reason: client, server, disconnect', async () => {
    const { ended, hook, onMessage, resolvers } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    const stopped = await client.subscribe(document, { variables: { room: 'a' } });
    const dropped = await client.subscribe(document, { variables: { room: 'b' } });
    await client.subscribe(document, { variables: { room: 'c' } });
    stopped.stop();
    stopped.stop();
    await hook.arrived(1);
    await app.graphqlWs.unsubscribe(onMessage, { group: 'b' });
    await dropped.expectComplete();
    await app.graphqlWs.unsubscribe(onMessage, { group: 'b' });
    client.terminate();
    await hook.arrived(3);
    await app.graphqlWs.settled();

    expect(ended).toEqual([
      ['client', 'a'],
      ['server', 'b'],
      ['disconnect', 'c'],
    ]);
  });

  test('E3 unsubscribed runs with the reason drain when the server closes', async () => {
    const { ended, resolvers } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    await client.subscribe(document, red);
    await app.close();

    await client.expectClose(1012);
    expect(ended).toEqual([['drain', 'red']]);
  });

  test('E3 unsubscribed runs with the reason error when the operation fails later', async () => {
    const { ended, holdPublish, onMessage, publishing, resolvers } = createParts({
      queueLimit: 1,
      overflow: 'end',
    });
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    const messages = await client.subscribe(document, red);
    holdPublish();
    for (const text of ['1', '2', '3']) await app.broadcast(onMessage, { payload: { text } });
    const [error] = await messages.expectError('more than 1 notifications');
    publishing.open();

    expect(error?.extensions).toEqual({ code: 'NOTIFICATION_OVERFLOW' });
    await messages.expectSilence();
    expect(ended).toEqual([['error', 'red']]);
  });

  test('E3 unsubscribed runs once too when the end came before subscribe had succeeded', async () => {
    const { ended, holdSubscribe, hook, resolvers, subscribing } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const [stopping, leaving] = [await connect(), await connect()];
    holdSubscribe();
    const stopped = stopping.start(document, { variables: { room: 'stopped' } });
    leaving.start(document, { variables: { room: 'left' } });
    await subscribing.arrived(2);
    stopped.stop();
    await stopping.fence();
    leaving.terminate();
    await leaving.closed;
    await stopping.fence();
    expect(ended).toEqual([]);
    if (wire.transport === 'socket') await stopping.query('{ hello }');
    subscribing.open();
    await hook.arrived(2);

    expect(ended).toContainEqual(['client', 'stopped']);
    expect(ended).toHaveLength(2);
    expect(app.graphqlWs.stats()).toMatchObject({ members: 0 });
  });

  test('E3 unsubscribed does not run for a subscribe that threw', async () => {
    const ended: EndReason[] = [];
    const onMessage = defineSubscription({
      subscribe: () => {
        throw new Error('no');
      },
      unsubscribed: (reason) => {
        ended.push(reason);
      },
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    await client.start(document).expectError();
    client.terminate();
    await client.closed;
    await app.graphqlWs.settled();

    expect(ended).toEqual([]);
  });

  test('E3 an unsubscribed that throws is logged; the ending still happens', async () => {
    const onMessage = defineSubscription({
      subscribe: () => 'red',
      unsubscribed: async () => {
        throw new Error('broken hook');
      },
    });
    const { app, connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    await app.graphqlWs.unsubscribe(onMessage);
    await messages.expectComplete();
    await app.graphqlWs.settled();

    expect(log.filter(({ message }) => message === 'unsubscribed() failed')).toHaveLength(1);
    expect(await client.query('{ hello }')).toEqual({ data: { hello: null } });
  });

  test('E4 unsubscribe ends those in the group, or all of the field, and nobody else', async () => {
    const { onMessage, resolvers } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    const inRed = await client.subscribe(document, red);
    const inBlue = await client.subscribe(document, { variables: { room: 'blue' } });
    const inNone = await client.subscribe(document);
    const other = await client.subscribe('subscription { onOther(room: "red") { text } }');

    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    await inRed.expectComplete();
    await inBlue.expectSilence();
    await app.graphqlWs.unsubscribe('onMessage');
    await inBlue.expectComplete();
    await inNone.expectComplete();
    await other.expectSilence();
  });

  test('E4 it reaches those too whose subscribe is pending, by the groups that they will name', async () => {
    const { ended, holdSubscribe, onMessage, resolvers, subscribing } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    holdSubscribe();
    const inRed = client.start(document, red);
    const inBlue = client.start(document, { variables: { room: 'blue' } });
    await subscribing.arrived(2);
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    subscribing.open();
    await app.graphqlWs.settled();

    await inRed.expectComplete();
    expect(ended).toEqual([['server', 'red']]);
    await app.broadcast(onMessage, { group: 'blue', payload: { text: 'hi' } });
    await inBlue.expectNext({ onMessage: { text: 'hi' } });
    await inRed.expectSilence();
  });

  test('E4 it reaches those too who wait for the broker', async () => {
    const emitter = new HeldEmitter();
    const { onMessage, resolvers } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers, emitter });
    const client = await connect();
    emitter.hold('on', 'acknowledgement');
    const messages = client.start(document, red);
    await emitter.whenHeld('on', 2);
    await app.graphqlWs.unsubscribe(onMessage, { group: 'red' });
    await messages.expectComplete();
    emitter.release('on');
    await messages.expectSilence();
  });

  test.each([
    ['group: undefined', { group: undefined }],
    ['group: null', { group: null }],
    ['a number', { group: 1 }],
    ['a misspelt key', { groups: 'red' }],
  ])('E4 %s rejects: it must not come to mean everybody', async (_name, options) => {
    const { onMessage, resolvers } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();
    const messages = await client.subscribe(document, red);

    await expect(app.graphqlWs.unsubscribe(onMessage, options as object)).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_GROUP_INVALID',
    });
    await messages.expectSilence();
  });

  test('E5 disconnect closes the connections with the tag, and nobody else', async () => {
    const { resolvers } = createParts();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      onConnect: ({ params }) => ({ tags: [`user ${params['user']}`, 'tenant acme'] }),
    });
    const [ann, bob] = [
      await connect({ params: { user: 'ann' } }),
      await connect({ params: { user: 'bob' } }),
    ];
    await app.graphqlWs.disconnect({ tag: 'user ann' });
    await ann.expectClose(4403, 'Forbidden');
    await bob.fence();
    await app.graphqlWs.disconnect({ tag: 'nobody' });
    await app.graphqlWs.disconnect({ tag: 'tenant acme', code: 4000, reason: 'Moved' });
    await bob.expectClose(4000, 'Moved');
  });

  test('E5 it reaches those too whose onConnect is pending and gives the tag', async () => {
    const held = createGate();
    const { resolvers } = createParts();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      onConnect: async ({ params }) => {
        await held.arrive();
        return { tags: [String(params['user'])] };
      },
    });
    const [ann, bob] = [await connect({ init: false }), await connect({ init: false })];
    ann.send({ type: 'connection_init', payload: { user: 'ann' } });
    bob.send({ type: 'connection_init', payload: { user: 'bob' } });
    await held.arrived(2);
    await app.graphqlWs.disconnect({ tag: 'ann' });
    held.open();

    await ann.expectClose(4403, 'Forbidden');
    await bob.expectMessage({ type: 'connection_ack' });
    expect(ann.transcript()).not.toContain('connection_ack');
  });

  test('E5 a tag that is no string and a code that may not be sent reject', async () => {
    const { resolvers } = createParts();
    const { app } = await startApp(wire, { typeDefs, resolvers });

    await expect(app.graphqlWs.disconnect({} as { tag: string })).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_TAG_INVALID',
    });
    await expect(app.graphqlWs.disconnect({ tag: 'a', code: 1006 })).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_CLOSE_CODE_INVALID',
    });
  });

  test('E6 a stop while publish runs: the signal fires, the ending goes out at once, the result is dropped', async () => {
    const { ended, holdPublish, onMessage, publishing, resolvers } = createParts();
    let signal: AbortSignal | undefined;
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      context: ({ operation }) => {
        signal = operation.signal;
        return {};
      },
    });
    const client = await connect();
    const messages = await client.subscribe(document, red);
    holdPublish();
    await app.broadcast(onMessage, { payload: { text: 'late' } });
    await publishing.arrived();
    messages.stop();
    await client.fence();

    expect(signal?.aborted).toBe(true);
    expect(ended).toEqual([['client', 'red']]);
    if (answersStop) await messages.expectComplete();
    publishing.open();
    await messages.expectSilence();
  });

  test('T38 at the end of a connection: operations, then unsubscribed of each, then onDisconnect', async () => {
    const notes: string[] = [];
    const done = createGate();
    const onMessage = defineSubscription({
      subscribe: (_root, args: { room?: string }) => args.room,
      unsubscribed: async (reason, args) => {
        await new Promise((resolve) => setImmediate(resolve));
        notes.push(`unsubscribed ${args.room} ${reason}`);
      },
    });
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      context: ({ operation }) => {
        operation.signal.addEventListener('abort', () => notes.push('aborted'));
        return {};
      },
      onDisconnect: (_connection, code) => {
        notes.push(`disconnected ${code}`);
        void done.arrive();
      },
    });
    const client = await connect();
    await client.subscribe(document, { variables: { room: 'a' } });
    await client.subscribe(document, { variables: { room: 'b' } });
    await client.close(4001);
    await done.arrived();

    expect(notes).toEqual([
      'aborted',
      'aborted',
      'unsubscribed a disconnect',
      'unsubscribed b disconnect',
      'disconnected 4001',
    ]);
  });
});
