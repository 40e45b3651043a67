import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { expectQuiet } from './support/expect-quiet.ts';
import { createGate } from './support/gate.ts';
import { messageFrame, Opcode, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeModern } from './support/wires.ts';

const typeDefs = 'type Query { hello: String }';
const init = { type: 'connection_init' };
const subscribe = { id: '1', type: 'subscribe', payload: { query: '{ hello }' } };

/** An app whose one resolver counts how often it ran. */
function countingHello(): { readonly calls: () => number; readonly parts: object } {
  let calls = 0;
  const hello = (): string => {
    calls += 1;
    return 'world';
  };
  return { calls: () => calls, parts: { typeDefs, resolvers: { Query: { hello } } } };
}

describeModern('the time to send connection_init', (wire) => {
  test('T4 who sends none is closed with 4408', async () => {
    const { app, connect } = await startApp(wire, { typeDefs, connectionInitTimeoutMs: 20 });

    const client = await connect({ init: false });

    await client.expectClose(4408, 'Connection initialisation timeout');
    await expectQuiet(app);
  });

  test('T4 without a limit no timer runs for it, and an init is taken at any time', async () => {
    const { app, connect } = await startApp(wire, {
      typeDefs,
      connectionInitTimeoutMs: 0,
      keepAlive: false,
    });

    const client = await connect({ init: false });
    await client.fence();
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 1, timers: 0 });
    client.send(init);

    await client.expectMessage({ type: 'connection_ack' });
  });

  test('T5 ends with the arrival of connection_init, however long onConnect takes', async () => {
    const gate = createGate();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      connectionInitTimeoutMs: 20,
      onConnect: () => gate.arrive(),
      keepAlive: false,
    });
    const slow = await connect({ init: false });
    slow.send(init);
    await gate.arrived();
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 1, timers: 0 });

    // Its whole time passes while the hook of the first one is still at work.
    const silent = await connect({ init: false });
    await silent.expectClose(4408);
    gate.open();

    await slow.expectMessage({ type: 'connection_ack' });
    await slow.expectSilence();
  });

  test('T5 is not extended by pings', async () => {
    const { connect } = await startApp(wire, { typeDefs, connectionInitTimeoutMs: 20 });
    const client = await connect({ init: false });

    // Each answer leads to the next ping, for as long as the connection lives.
    const pinging = (async () => {
      while (client.isOpen) {
        client.send({ type: 'ping' });
        await client.receive().catch(() => undefined);
      }
    })();

    await client.expectClose(4408, 'Connection initialisation timeout');
    await pinging;
  });
});

describeModern('connection_init', (wire) => {
  test.each([
    { said: 'no payload', message: init, params: {} },
    { said: 'null', message: { ...init, payload: null }, params: {} },
    { said: 'an object', message: { ...init, payload: { a: [1] } }, params: { a: [1] } },
  ])('T6 with $said is accepted', async ({ message, params }) => {
    const seen: unknown[] = [];
    const { connect } = await startApp(wire, {
      typeDefs,
      onConnect: (connection) => void seen.push(connection.params),
    });
    const client = await connect({ init: false });

    client.send(message);

    await client.expectMessage({ type: 'connection_ack' });
    expect(seen).toEqual([params]);
  });

  test.each([{ payload: 'token' }, { payload: 7 }, { payload: true }, { payload: [] }])(
    'T6 with $payload as payload is closed with 4400, and onConnect is not asked',
    async ({ payload }) => {
      const seen: unknown[] = [];
      const { connect } = await startApp(wire, {
        typeDefs,
        onConnect: (connection) => void seen.push(connection.params),
      });
      const client = await connect({ init: false });

      client.send({ ...init, payload });

      await client.expectClose(4400, /payload.*object/);
      expect(seen).toEqual([]);
    },
  );

  test('T7 a second one is closed with 4429', async () => {
    const { connect } = await startApp(wire, { typeDefs });
    const client = await connect();

    client.send(init);

    await client.expectClose(4429, 'Too many initialisation requests');
  });

  test('T7 a second one while the first is checked is closed with 4429, and never acknowledged', async () => {
    const gate = createGate();
    const { connect } = await startApp(wire, { typeDefs, onConnect: () => gate.arrive() });
    const client = await connect({ init: false });

    client.send(init);
    await gate.arrived();
    client.send(init);

    await client.expectClose(4429, 'Too many initialisation requests');
    gate.open();
    expect(gate.arrivals).toBe(1);
    expect(client.transcript()).not.toContain('connection_ack');
  });
});

describeModern('the answer of onConnect', (wire) => {
  test.each([
    { said: 'returns false', onConnect: () => false },
    { said: 'returns false later', onConnect: async () => false },
    {
      said: 'throws',
      onConnect: () => {
        throw new Error('the database is at 10.0.0.7');
      },
    },
    {
      said: 'rejects',
      onConnect: async () => {
        throw new Error('the database is at 10.0.0.7');
      },
    },
  ])('T8 an onConnect that $said closes with 4403 and says nothing more', async ({ onConnect }) => {
    const { connect } = await startApp(wire, { typeDefs, onConnect });
    const client = await connect({ init: false });

    client.send(init);

    await client.expectClose(4403, 'Forbidden');
    expect(client.transcript()).not.toContain('←');
  });

  test('T8 the message of a GraphQLError is the reason', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      onConnect: () => {
        throw new GraphQLError('Your token has expired');
      },
    });
    const client = await connect({ init: false });

    client.send(init);

    await client.expectClose(4403, 'Your token has expired');
    expect(client.transcript()).not.toContain('←');
  });

  test('T9 leads to exactly one connection_ack, without a payload', async () => {
    const { connect } = await startApp(wire, { typeDefs, onConnect: async () => true });
    const client = await connect({ init: false });

    client.send(init);

    await client.expectMessage({ type: 'connection_ack' });
    await client.expectSilence();
  });

  test('T9 the ack carries the payload that onConnect gave', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      onConnect: () => ({ ack: { hello: ['alice'] } }),
    });
    const client = await connect({ init: false });

    client.send(init);

    await client.expectMessage({ type: 'connection_ack', payload: { hello: ['alice'] } });
    await client.expectSilence();
  });
});

describeModern('operations around the ack', (wire) => {
  test('T10 a subscribe that answers the ack at once is executed', async () => {
    const { calls, parts } = countingHello();
    const { app } = await startApp(wire, { ...parts, onConnect: async () => true });
    const client = await RawClient.dial(app, wire.transport);
    // In memory this write reaches the server while it is still writing the ack.
    client.onFrame = ({ opcode, payload }) => {
      if (opcode === Opcode.TEXT && payload.includes('connection_ack')) {
        client.write(messageFrame(subscribe));
      }
    };

    client.write(upgradeRequest({ protocol: wire.protocol }), messageFrame(init));

    expect(await client.message()).toEqual({ type: 'connection_ack' });
    expect(await client.message()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { hello: 'world' } },
    });
    expect(await client.message()).toEqual({ id: '1', type: 'complete' });
    expect(calls()).toBe(1);
  });

  test('T11 a subscribe before any init is closed with 4401 and not executed', async () => {
    const { calls, parts } = countingHello();
    const { connect } = await startApp(wire, parts);
    const client = await connect({ init: false });

    client.send(subscribe);

    await client.expectClose(4401, 'Unauthorized');
    expect(client.transcript()).not.toContain('←');
    expect(calls()).toBe(0);
  });

  test('T11 a subscribe while onConnect is pending is closed with 4401 and never executed', async () => {
    const { calls, parts } = countingHello();
    const gate = createGate();
    const { app, connect } = await startApp(wire, { ...parts, onConnect: () => gate.arrive() });
    const client = await connect({ init: false });

    client.send(init);
    await gate.arrived();
    client.send(subscribe);
    await client.expectClose(4401, 'Unauthorized');
    gate.open();
    await app.graphqlWs.settled();

    expect(client.transcript()).not.toContain('←');
    expect(calls()).toBe(0);
  });
});
