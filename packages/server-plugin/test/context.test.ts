import { defineSubscription } from '@groupcast/fastify';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello(name: String): String, hang: String }
  type Mutation { work: String }
  type Message { text: String }
  type Subscription { onMessage(room: String!): Message, ticks: Int }
`;

describeBoth('context', (wire) => {
  test('C1 runs per operation, and its object goes to all functions of that operation alone', async () => {
    const seen: [string, object][] = [];
    const note = (name: string, context: object): true => {
      seen.push([name, context]);
      return true;
    };
    let made = 0;
    const onMessage = defineSubscription({
      subscribe: (_root, args: { room: string }, context: { id: number }) => {
        note('subscribe', context);
        return args.room;
      },
      filter: (_message: object, _args, context) => note('filter', context),
      publish: (message, _args, context) => {
        note('publish', context);
        return message;
      },
      unsubscribed: (_reason, _args, context) => note('unsubscribed', context),
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      context: async ({ connection, operation }) => {
        made += 1;
        return { id: made, connection: connection.id, operation: operation.id };
      },
    });
    const client = await connect();
    const first = await client.subscribe('subscription { onMessage(room: "a") { text } }');
    await client.subscribe('subscription { onMessage(room: "b") { text } }');
    await app.broadcast(onMessage, { group: 'a', payload: { text: 'hi' } });
    await first.expectNext({ onMessage: { text: 'hi' } });
    await app.graphqlWs.unsubscribe(onMessage, { group: 'a' });
    await first.expectComplete();

    const [, own] = seen[0] ?? ['', {}];
    const ofFirst = seen.filter(([, context]) => context === own).map(([name]) => name);
    expect(made).toBe(2);
    expect(ofFirst).toEqual(['subscribe', 'filter', 'publish', 'unsubscribed']);
    expect(seen).toHaveLength(5);
    expect(own).toMatchObject({ operation: first.id });
  });

  test('C1 renewContext makes a fresh one for each notification, for filter and publish alike', async () => {
    const seen: unknown[] = [];
    const onMessage = defineSubscription({
      subscribe: (_root, args: { room: string }, context: { user: string; loads?: number }) => {
        seen.push(context.loads);
        return args.room;
      },
      filter: (_message: object, _args, context) => {
        seen.push(context.loads);
        return true;
      },
      publish: (_message, _args, context) => ({ text: `${context.user} ${context.loads}` }),
    });
    let loads = 0;
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      context: () => ({ user: 'ann' }),
      renewContext: async (context: { user: string }) => {
        loads += 1;
        return { ...context, loads };
      },
    });
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage(room: "a") { text } }');
    await app.broadcast(onMessage, { group: 'a', payload: {} });
    await app.broadcast(onMessage, { group: 'a', payload: {} });

    await messages.expectNext({ onMessage: { text: 'ann 1' } });
    await messages.expectNext({ onMessage: { text: 'ann 2' } });
    expect(seen).toEqual([undefined, 1, 2]);
  });

  test('C1 a renewContext that fails gives one result with the error; the subscription lives', async () => {
    let calls = 0;
    const onMessage = defineSubscription({
      subscribe: () => 'a',
      publish: (message: object, _args, _context) => message,
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onMessage } },
      renewContext: (context: object) => {
        calls += 1;
        if (calls === 1) throw new GraphQLError('no loaders');
        return context;
      },
    });
    const client = await connect();
    const messages = await client.subscribe('subscription { onMessage(room: "a") { text } }');
    await app.broadcast(onMessage, { group: 'a', payload: { text: '1' } });
    await app.broadcast(onMessage, { group: 'a', payload: { text: '2' } });

    expect(await messages.next()).toMatchObject({
      data: { onMessage: null },
      errors: [{ message: 'no loaders' }],
    });
    await messages.expectNext({ onMessage: { text: '2' } });
  });

  test('C2 onConnect alone sees the request; what it keeps is shared by the operations of the connection', async () => {
    const requests: unknown[] = [];
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: {
          hello: (_root: unknown, _args: unknown, context: { state: { user: string } }) =>
            context.state.user,
        },
      },
      onConnect: (connection, request) => {
        requests.push([request.headers['x-tenant'], connection.params, connection.protocol]);
        return { state: { user: `${request.headers['x-tenant']}/${connection.params['name']}` } };
      },
      context: ({ connection }) => ({ state: connection.state }),
    });
    const ann = await connect({ headers: { 'x-tenant': 'acme' }, params: { name: 'ann' } });
    const bob = await connect({ headers: { 'x-tenant': 'acme' }, params: { name: 'bob' } });

    expect(await ann.query('{ hello }')).toEqual({ data: { hello: 'acme/ann' } });
    expect(await ann.query('{ hello }')).toEqual({ data: { hello: 'acme/ann' } });
    expect(await bob.query('{ hello }')).toEqual({ data: { hello: 'acme/bob' } });
    expect(requests).toEqual([
      ['acme', { name: 'ann' }, wire.protocol],
      ['acme', { name: 'bob' }, wire.protocol],
    ]);
  });

  test('C2 a connection can be closed by a hook, with a code that may be sent', async () => {
    const codes: unknown[] = [];
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {},
      onOperation: (_operation, connection) => {
        for (const code of [1005, 999, 5000]) {
          try {
            connection.close(code);
          } catch (error) {
            codes.push(error instanceof RangeError && 'code' in error && error.code);
          }
        }
        connection.close(4444, 'Enough');
      },
    });
    const client = await connect();
    client.start('{ hello }');

    await client.expectClose(4444, 'Enough');
    expect(codes).toEqual(Array(3).fill('GROUPCAST_ERR_CLOSE_CODE_INVALID'));
  });

  test('C3 onConnect may accept by nothing, true or an object, and is held to its shape', async () => {
    const answers: Record<string, unknown> = {
      nothing: undefined,
      yes: true,
      ack: { ack: { hello: 'you' } },
      wrongKey: { user: 1 },
      wrongTags: { tags: [1] },
      number: 1,
    };
    const { connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: {},
      onConnect: ({ params }) => answers[String(params['answer'])] as undefined,
    });

    expect((await connect({ params: { answer: 'nothing' } })).ack).toBeUndefined();
    expect((await connect({ params: { answer: 'yes' } })).ack).toBeUndefined();
    expect((await connect({ params: { answer: 'ack' } })).ack).toEqual({ hello: 'you' });
    for (const answer of ['wrongKey', 'wrongTags', 'number']) {
      const client = await connect({ init: false });
      client.send({ type: 'connection_init', payload: { answer } });
      await client.expectClose(4500, 'Internal server error');
    }
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(3);
  });

  test('C3 a connection is closed with 4403 when it expires', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {},
      onConnect: () => ({ expiresAt: new Date(Date.now() + 30) }),
    });
    const client = await connect();

    await client.expectClose(4403, 'Forbidden');
  });

  test('C3 onOperation runs before each operation; a throw is the end of that one only', async () => {
    const seen: unknown[] = [];
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Query: { hello: () => 'world' } },
      onOperation: async (operation) => {
        seen.push([operation.query, operation.operationName, operation.variables]);
        if (operation.operationName === 'Bad') throw new GraphQLError('not you');
      },
    });
    const client = await connect();

    const bad = client.start('query Bad { hello }', { operationName: 'Bad' });
    await bad.expectError('not you');
    await bad.expectSilence();
    const variables = { name: 'x' };
    expect(
      await client.query('query ($name: String) { hello(name: $name) }', { variables }),
    ).toEqual({ data: { hello: 'world' } });
    expect(seen).toEqual([
      ['query Bad { hello }', 'Bad', undefined],
      ['query ($name: String) { hello(name: $name) }', undefined, variables],
    ]);
  });

  test('C3 onOperation may return the query to execute: trusted documents', async () => {
    const documents: Record<string, string> = { abc: '{ hello }' };
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Query: { hello: () => 'world' } },
      onOperation: ({ extensions }) => {
        const query = documents[String(extensions?.['documentId'])];
        if (query === undefined) throw new GraphQLError('unknown document');
        return { query };
      },
    });
    const client = await connect();

    expect(await client.query('', { extensions: { documentId: 'abc' } })).toEqual({
      data: { hello: 'world' },
    });
    await client.start('{ hello }').expectError('unknown document');
  });

  test('C3 onDisconnect ends a connection that was acknowledged, once, with code and reason', async () => {
    const ended: unknown[] = [];
    const done = createGate();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {},
      onConnect: ({ params }) => params['ok'] !== false,
      onDisconnect: (connection, code, reason) => {
        ended.push([connection.params, code, reason]);
        void done.arrive();
      },
    });
    const refused = await connect({ init: false });
    refused.send({ type: 'connection_init', payload: { ok: false } });
    await refused.expectClose(4403);
    const client = await connect({ params: { n: 1 } });
    await client.close(4000, 'bye');
    await done.arrived();

    expect(ended).toEqual([[{ n: 1 }, 4000, 'bye']]);
  });

  test('C5 a query or mutation that takes long is logged with its name, id and duration', async () => {
    const { connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: { hello: () => 'world' },
        Mutation: { work: () => new Promise((resolve) => setTimeout(resolve, 40, 'done')) },
      },
      warnOperationMs: 20,
    });
    const client = await connect();
    await client.query('{ hello }');
    await client.query('mutation Work { work }', { operationName: 'Work', id: 'slow' });

    const warnings = log.filter(({ message }) => message === 'Operation took long');
    expect(warnings.map(({ level, details }) => [level, details])).toEqual([
      ['warn', { operationName: 'Work', id: 'slow', durationMs: expect.any(Number) }],
    ]);
  });

  test('C5 with warnOperationMs 0 nothing is logged', async () => {
    const { connect, log } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Mutation: { work: () => new Promise((resolve) => setTimeout(resolve, 5, 'done')) },
      },
      warnOperationMs: 0,
    });
    const client = await connect();
    await client.query('mutation { work }');

    expect(log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('C7 the signal is there from context() on, and fires at the end of the operation', async () => {
    const signals = new Map<string, AbortSignal>();
    const hanging = createGate<string>();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Query: { hello: () => 'world', hang: () => hanging.arrive() } },
      context: ({ operation }) => {
        signals.set(operation.id, operation.signal);
        return {};
      },
    });
    const client = await connect();
    const hang = client.start('{ hang }', { id: 'hang' });
    await client.query('{ hello }', { id: 'answered' });
    await hanging.arrived();

    expect(signals.get('answered')?.aborted).toBe(true);
    expect(signals.get('hang')?.aborted).toBe(false);
    hang.stop();
    await client.fence();
    expect(signals.get('hang')?.aborted).toBe(true);
    hanging.open('late');
  });

  test('E7 a disconnect cancels running queries through the signal', async () => {
    const hanging = createGate<string>();
    const aborted = createGate();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: {
          hang: (_root: unknown, _args: unknown, context: { signal: AbortSignal }) => {
            context.signal.addEventListener('abort', () => void aborted.arrive());
            return hanging.arrive();
          },
        },
      },
      context: ({ operation }) => ({ signal: operation.signal }),
    });
    const client = await connect();
    client.start('{ hang }');
    await hanging.arrived();
    client.terminate();

    await aborted.arrived();
    hanging.open('late');
  });
});
