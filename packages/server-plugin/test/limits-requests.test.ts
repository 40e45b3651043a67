import websocket from '@fastify/websocket';
import { expect, test } from 'vitest';
import { createParts, typeDefs } from './support/app-parts.ts';
import { RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const world = { data: { hello: 'world' } };

/** A frame's text of exactly so many bytes: a start of `{ hello }` with a long comment. */
function helloOf(bytes: number, { protocol }: Wire, filler = 'x'): string {
  const type = protocol === 'graphql-ws' ? 'start' : 'subscribe';
  const text = (comment: string): string =>
    JSON.stringify({ id: '1', type, payload: { query: `{ hello } #${comment}` } });
  const comment = filler.repeat(Math.floor((bytes - text('').length) / Buffer.byteLength(filler)));
  return text(comment).padEnd(bytes - Buffer.byteLength(text(comment)) + text(comment).length);
}

describeBoth('limits.messageBytes', (wire) => {
  test.each(['x', 'я'])(
    'a message of so many bytes is taken, also when it is made of "%s"',
    async (filler) => {
      const { resolvers } = createParts();
      const limits = { messageBytes: 1_000 };
      const { connect } = await startApp(wire, { typeDefs, resolvers, limits });
      const client = await connect();
      const frame = helloOf(1_000, wire, filler);
      expect(Buffer.byteLength(frame)).toBe(1_000);

      client.sendRaw(frame);

      expect(await client.operation('1').next()).toEqual(world);
    },
  );

  test('a message of one byte more is closed with 1009 and not executed', async () => {
    const { resolvers } = createParts();
    const executed: string[] = [];
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      limits: { messageBytes: 1_000 },
      onOperation: ({ query }) => void executed.push(query),
    });
    const client = await connect();

    client.sendRaw(helloOf(1_001, wire));

    await client.expectClose(1009);
    expect(executed).toEqual([]);
    await expect.poll(() => app.graphqlWs.stats()).toMatchObject({ connections: 0, timers: 0 });
  });

  test('fragments are counted together', async () => {
    const { resolvers } = createParts();
    const limits = { messageBytes: 1_000 };
    const { app } = await startApp(wire, { typeDefs, resolvers, limits });
    const client = await RawClient.dial(app, wire.transport);
    /** A part of a message, masked with zeros; neither the first nor the last has a sign of its own. */
    const part = (head: number): Buffer =>
      Buffer.concat([Buffer.from([head, 0x80 | 126, 2, 88, 0, 0, 0, 0]), Buffer.alloc(600, 'x')]);

    client.write(upgradeRequest({ protocol: wire.protocol }), part(0x01), part(0x80));

    expect((await client.close()).code).toBe(1009);
  });

  test('it holds by 1009 on an @fastify/websocket that allows more', async () => {
    const { resolvers } = createParts();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      limits: { messageBytes: 1_000 },
      before: (app) => app.register(websocket, { options: { maxPayload: 10_000 } }),
    });
    const [tooMuch, enough] = [await connect(), await connect()];

    tooMuch.sendRaw(helloOf(1_001, wire));
    enough.sendRaw(helloOf(1_000, wire));

    await tooMuch.expectClose(1009, 'Message too big');
    expect(await enough.operation('1').next()).toEqual(world);
  });
});

describeBoth('limits.operationsPerConnection', (wire) => {
  test('the one too many gets an error of its own; the others and the connection live', async () => {
    const parts = createParts();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: parts.resolvers,
      limits: { operationsPerConnection: 2 },
    });
    const client = await connect();
    const live = await client.subscribe('subscription { onMessage { text } }');
    const hanging = client.start('{ hang }');
    await parts.hanging.arrived();

    const refused = client.start('{ hello }', { id: 'refused' });

    expect(await refused.expectError()).toEqual([
      {
        message: 'This connection has 2 operations already',
        extensions: { code: 'TOO_MANY_OPERATIONS' },
      },
    ]);
    expect(app.graphqlWs.stats().operations).toBe(2);
    parts.hanging.open('done');
    await hanging.expectNext({ hang: 'done' });
    await hanging.expectComplete();
    // There is room again, also for the id that was refused.
    expect(await client.query('{ hello }', { id: 'refused' })).toEqual(world);
    await app.broadcast(parts.onMessage, { payload: { text: 'hi' } });
    await live.expectNext({ onMessage: { text: 'hi' } });
    await client.expectSilence();
  });

  test('it is counted for each connection alone', async () => {
    const { resolvers } = createParts();
    const limits = { operationsPerConnection: 1 };
    const { app, connect } = await startApp(wire, { typeDefs, resolvers, limits });
    const [alice, bob] = [await connect(), await connect()];

    await alice.subscribe('subscription { onMessage { text } }');
    await bob.subscribe('subscription { onMessage { text } }');
    await alice.start('{ hello }').expectError('This connection has 1 operations already');

    expect(app.graphqlWs.stats()).toMatchObject({ connections: 2, operations: 2 });
  });
});

describeBoth('limits.documentTokens', (wire) => {
  test('a document of so many tokens is executed, one of more is a syntax error', async () => {
    const { resolvers } = createParts();
    const limits = { documentTokens: 10 };
    const { connect } = await startApp(wire, { typeDefs, resolvers, limits });
    const client = await connect();
    const fields = (count: number): string => `{ ${'hello '.repeat(count)}}`;

    expect(await client.query(fields(8))).toEqual(world);
    const refused = client.start(fields(9));

    // graphql 16 says "more that".
    await refused.expectError(/^Syntax Error: Document contains more tha[nt] 10 tokens/);
    await client.expectSilence();
    expect(await client.query(fields(8))).toEqual(world);
  });
});

describeBoth('the cache of documents', (wire) => {
  const query = (name: string): string => `query ${name} { hello }`;

  test('limits.documentCacheEntries: never more are kept, and all are still executed', async () => {
    const { resolvers } = createParts();
    const limits = { documentCacheEntries: 3 };
    const { app, connect } = await startApp(wire, { typeDefs, resolvers, limits });
    const client = await connect();

    for (let n = 0; n < 10; n += 1) {
      expect(await client.query(query(`Q${n}`))).toEqual(world);
      expect(app.graphqlWs.stats().documents).toBe(Math.min(3, n + 1));
    }
  });

  test('limits.documentCacheEntries: the least recently used goes first', async () => {
    const { resolvers } = createParts();
    let validations = 0;
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers,
      limits: { documentCacheEntries: 2 },
      validationRules: [
        () => {
          validations += 1;
          return {};
        },
      ],
    });
    const client = await connect();

    // Kept after each: A, then A and B, B and A, A and C, and B is read again.
    const counts: number[] = [];
    for (const name of ['A', 'B', 'A', 'C', 'A', 'B']) {
      await client.query(query(name));
      counts.push(validations);
    }

    expect(counts).toEqual([1, 2, 2, 3, 3, 4]);
  });

  test('limits.documentCacheBytes: documents make room for others, and a larger one is not kept', async () => {
    const { resolvers } = createParts();
    // Estimated at 24 bytes for each character: room for 100 of them.
    const limits = { documentCacheBytes: 2_400 };
    const { app, connect } = await startApp(wire, { typeDefs, resolvers, limits });
    const client = await connect();
    const ofLength = (name: string, length: number): string => query(name).padEnd(length);

    await client.query(ofLength('A', 50));
    await client.query(ofLength('B', 50));
    expect(app.graphqlWs.stats().documents).toBe(2);
    await client.query(ofLength('C', 51));
    expect(app.graphqlWs.stats().documents).toBe(1);
    expect(await client.query(ofLength('D', 101))).toEqual(world);
    expect(app.graphqlWs.stats().documents).toBe(1);
  });

  test.each([{ documentCacheEntries: 0 }, { documentCacheBytes: 0 }])(
    'with %o nothing is kept, and everything works',
    async (limits) => {
      const { resolvers } = createParts();
      const { app, connect } = await startApp(wire, { typeDefs, resolvers, limits });
      const client = await connect();

      expect(await client.query('{ hello }')).toEqual(world);
      expect(await client.query('{ hello }')).toEqual(world);

      expect(app.graphqlWs.stats().documents).toBe(0);
    },
  );

  test('what is no valid document is never kept', async () => {
    const { resolvers } = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers });
    const client = await connect();

    for (let n = 0; n < 20; n += 1) {
      await client.start(`{ nothing${n} }`).expectError();
      await client.start(`{ hello${n}`).expectError();
    }

    expect(app.graphqlWs.stats().documents).toBe(0);
  });
});
