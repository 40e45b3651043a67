import { defineSubscription } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

describeBoth('the whole way', (wire) => {
  test('a broadcast from a route reaches the members of its group', async () => {
    const onMessage = defineSubscription({
      subscribe: (_root, args: { room: string }) => args.room,
      publish: (message: { text: string }) => message,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs: `
        type Query { hello: String }
        type Message { text: String }
        type Subscription { onMessage(room: String!): Message }
      `,
      resolvers: { Query: { hello: () => 'world' }, Subscription: { onMessage } },
    });
    const alice = await connect();
    const bob = await connect();
    const red = await alice.subscribe('subscription { onMessage(room: "red") { text } }');
    const blue = await bob.subscribe('subscription { onMessage(room: "blue") { text } }');

    await app.broadcast(onMessage, { group: 'red', payload: { text: 'hi' } });

    await red.expectNext({ onMessage: { text: 'hi' } });
    await blue.expectSilence();
    expect(await alice.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 2, operations: 2, members: 4 });
    red.stop();
    if (wire.protocol === 'graphql-ws') await red.expectComplete();
    await red.expectSilence();
  });
});
