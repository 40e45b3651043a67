import { defineSubscription, SKIP } from '@groupcast/fastify';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Message { text: String }
  type Subscription { onMessage(room: String): Message }
`;

const document = 'subscription { onMessage(room: "red") { text } }';

const confirmed = { data: null, extensions: { groupcast: { v: 1, confirmed: true } } };

function defineMessages() {
  return defineSubscription({
    subscribe: (_root, args: { room?: string }) => args.room,
    publish: (message: { text: string }) => message,
  });
}

describeBoth('activation', (wire) => {
  test('E1 with confirmSubscriptions the first message is a result without data, also for plain sources', async () => {
    const onMessage = defineMessages();
    const { app, connect } = await startApp(wire, {
      typeDefs: `${typeDefs} extend type Subscription { ticks: Int }`,
      resolvers: {
        Subscription: {
          onMessage,
          ticks: {
            subscribe: async function* () {
              yield { ticks: 1 };
            },
          },
        },
      },
      confirmSubscriptions: true,
    });
    const client = await connect();
    const messages = client.start(document);
    await messages.expectResult({ data: null });
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await messages.expectNext({ onMessage: { text: 'hi' } });
    const ticks = client.start('subscription { ticks }');
    await ticks.expectResult({ data: null });
    await ticks.expectNext({ ticks: 1 });
    await ticks.expectComplete();
  });

  test('E1 a client may ask for the confirmation of one operation; others never see it', async () => {
    const onMessage = defineMessages();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const asking = client.start(document, { extensions: { groupcast: { v: 1, confirm: true } } });
    const silent = client.start(document);
    await asking.expectResult(confirmed);
    await silent.expectSilence();
    for (const groupcast of [{ v: 2, confirm: true }, { v: 1, confirm: 'yes' }, 'x', null]) {
      await client.start(document, { extensions: { groupcast } }).expectSilence();
    }
  });

  test('E1 a subscription is confirmed after the broker has acknowledged every group, never before', async () => {
    const emitter = new HeldEmitter();
    const onMessage = defineMessages();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      emitter,
      confirmSubscriptions: true,
    });
    const client = await connect();
    emitter.hold('on', 'acknowledgement');
    const messages = client.start(document);
    await emitter.whenHeld('on', 2);
    await client.fence();
    expect(messages.unread).toBe(0);
    emitter.releaseNext('on');
    await client.fence();
    expect(messages.unread).toBe(0);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'early' } });
    await client.fence();
    expect(messages.unread).toBe(0);
    emitter.release('on');

    await messages.expectResult({ data: null });
    await messages.expectNext({ onMessage: { text: 'early' } });
    await messages.expectSilence();
  });

  test('E1 what is broadcast after the confirmation is delivered, whatever comes and goes beside it', async () => {
    const onMessage = defineMessages();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      confirmSubscriptions: true,
    });
    const client = await connect();
    for (let n = 0; n < 20; n += 1) {
      const messages = client.start(document);
      await messages.expectResult({ data: null });
      await app.broadcast(onMessage, { group: 'red', payload: { text: String(n) } });
      await messages.expectNext({ onMessage: { text: String(n) } });
      messages.stop();
    }
  });

  test('E1 a broker that refuses a group refuses the subscription; nothing is left', async () => {
    const emitter = new HeldEmitter();
    const onMessage = defineMessages();
    const { app, connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      emitter,
    });
    const client = await connect();
    emitter.fail('on', new Error('no room'), { way: 'callback', times: 1 });
    const refused = client.start(document);
    const [error] = await refused.expectError('could not be joined');
    expect(error?.extensions).toEqual({ code: 'BROKER_UNAVAILABLE' });
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0, emitterListeners: 0 });
    expect(log.some(({ message }) => message.includes('could not be joined'))).toBe(true);

    const messages = await client.subscribe(document);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });
    await messages.expectNext({ onMessage: { text: 'hi' } });
  });

  test('E2 a stop right after the start is honoured, whatever is pending', async () => {
    const emitter = new HeldEmitter();
    const onMessage = defineMessages();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      emitter,
      confirmSubscriptions: true,
    });
    const client = await connect();
    emitter.hold('on', 'acknowledgement');
    const messages = client.start(document);
    await emitter.whenHeld('on', 2);
    messages.stop();
    await client.fence();
    emitter.release('on');
    await app.graphqlWs.settled();
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    if (wire.protocol === 'graphql-ws') await messages.expectComplete();
    await messages.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0, emitterListeners: 0 });
  });

  test('S7 initial makes the first notification after the groups are joined; nothing is lost in between', async () => {
    const held = createGate();
    const onMessage = defineSubscription({
      subscribe: () => 'red',
      initial: async () => {
        await held.arrive();
        return { text: 'snapshot' };
      },
      publish: (message: { text: string }) => ({ text: message.text.toUpperCase() }),
      filter: (message) => message.text !== 'filtered',
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      confirmSubscriptions: true,
    });
    const client = await connect();
    const messages = client.start(document);
    await messages.expectResult({ data: null });
    await held.arrived();
    for (const text of ['one', 'filtered', 'two']) {
      await app.broadcast(onMessage, { group: 'red', payload: { text } });
    }
    await client.fence();
    expect(messages.unread).toBe(0);
    held.open();

    for (const text of ['SNAPSHOT', 'ONE', 'TWO'])
      await messages.expectNext({ onMessage: { text } });
    await messages.expectSilence();
  });

  test('S7 an initial that fails gives one result with the error; the subscription lives', async () => {
    const onMessage = defineSubscription({
      subscribe: () => 'red',
      initial: () => {
        throw new GraphQLError('no snapshot');
      },
      publish: (message: { text: string }) => message,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);
    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    expect(await messages.next()).toMatchObject({
      data: { onMessage: null },
      errors: [{ message: 'no snapshot', path: ['onMessage'] }],
    });
    await messages.expectNext({ onMessage: { text: 'hi' } });
  });

  test('S7 an initial that returns SKIP sends nothing', async () => {
    const onMessage = defineSubscription({
      subscribe: () => 'red',
      initial: () => SKIP,
      publish: (message: { text: string }) => message,
    });
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
    });
    const client = await connect();
    const messages = await client.subscribe(document);

    await messages.expectSilence();
  });
});
