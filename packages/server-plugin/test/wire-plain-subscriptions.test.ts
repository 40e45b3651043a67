import { expect, test } from 'vitest';
import { ControlledSource } from './support/controlled-source.ts';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { stop } from './support/stop.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Subscription { ticks: Int, other: Int, endless: Int, text: String }
`;

/** An app whose fields `ticks` and `other` are fed by the test. */
function fedApp() {
  const ticks = new ControlledSource<object>();
  const other = new ControlledSource<object>();
  const resolvers = {
    Query: { hello: () => 'world' },
    Subscription: { ticks: { subscribe: () => ticks }, other: { subscribe: () => other } },
  };
  return { ticks, other, parts: { typeDefs, resolvers } };
}

describeBoth('the events of a plain source', (wire) => {
  test('T24 L17 lead to any number of results, and to complete when the source ends', async () => {
    const { ticks, parts } = fedApp();
    const { connect } = await startApp(wire, parts);
    const client = await connect();
    const operation = client.start('subscription { ticks }');

    ticks.push({ ticks: 1 });
    await operation.expectResult({ data: { ticks: 1 } });
    ticks.push({ ticks: 2 });
    await operation.expectResult({ data: { ticks: 2 } });
    await client.expectSilence();
    ticks.finish();
    await operation.expectComplete();

    await client.expectSilence();
    expect(ticks.returns).toBe(0);
  });

  test('T24 L17 an async generator that ends completes, an empty one at once', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Subscription: {
          ticks: {
            subscribe: async function* () {
              yield { ticks: 1 };
              yield { ticks: 2 };
            },
          },
          other: { subscribe: async function* () {} },
        },
      },
    });
    const client = await connect();

    const ticks = client.start('subscription { ticks }');
    const empty = client.start('subscription { other }');

    await ticks.expectNext({ ticks: 1 });
    await ticks.expectNext({ ticks: 2 });
    await ticks.expectComplete();
    await empty.expectComplete();
    await client.expectSilence();
  });

  test('T24 an error of a resolver is in the result of that event, and the subscription lives', async () => {
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Subscription: {
          ticks: {
            subscribe: async function* () {
              yield 'not a number';
              yield '2';
            },
            resolve: (event: string) => Number.parseInt(event, 10),
          },
        },
      },
    });
    const client = await connect();

    const ticks = client.start('subscription { ticks }');

    expect(await ticks.next()).toMatchObject({
      data: { ticks: null },
      errors: [{ path: ['ticks'] }],
    });
    await ticks.expectNext({ ticks: 2 });
    await ticks.expectComplete();
  });

  test('T24 a generator that never waits starves nobody', async () => {
    let isClosed = false;
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: { hello: () => 'world' },
        Subscription: {
          endless: {
            subscribe: async function* () {
              try {
                for (let endless = 0; ; endless = (endless + 1) % 1_000) yield { endless };
              } finally {
                isClosed = true;
              }
            },
          },
        },
      },
    });
    const flooded = await connect();
    const witness = await connect();
    const endless = flooded.start('subscription { endless }');
    await endless.expectNext({ endless: 0 });

    for (let times = 0; times < 5; times += 1) {
      expect(await witness.query('{ hello }')).toEqual({ data: { hello: 'world' } });
      expect(await flooded.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    }
    endless.stop();
    await flooded.fence();

    expect(isClosed).toBe(true);
  });

  test('T24 a source is pulled only while the outbox is below its mark', async () => {
    const total = 3_000;
    const text = 'x'.repeat(10_000);
    let pulls = 0;
    const { app, connect } = await startApp(wire, {
      typeDefs,
      limits: { bufferedBytes: 200_000 },
      resolvers: {
        Subscription: {
          text: {
            subscribe: async function* () {
              for (pulls = 1; pulls <= total; pulls += 1) yield { text: `${pulls} ${text}` };
            },
          },
        },
      },
    });
    const client = await connect();
    client.pause();
    const operation = client.start('subscription { text }');

    await expect.poll(() => app.graphqlWs.stats().bytes, { interval: 1 }).toBeGreaterThan(100_000);
    expect(pulls).toBeLessThan(total);
    client.resume();

    for (let count = 1; count <= total; count += 1) {
      await operation.expectNext({ text: `${count} ${text}` });
    }
    await operation.expectComplete();
  });
});

describeBoth('the failure of a plain source', (wire) => {
  test('T27 L17 leads to error without complete, and touches no other operation', async () => {
    const { ticks, other, parts } = fedApp();
    const { connect, log } = await startApp(wire, parts);
    const client = await connect();
    const failing = client.start('subscription { ticks }');
    const untouched = client.start('subscription { other }');

    ticks.push({ ticks: 1 });
    await failing.expectNext({ ticks: 1 });
    ticks.fail(new Error('the queue at 10.0.0.7 is gone'));
    expect(await failing.expectError()).toEqual([
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    await client.expectSilence();
    other.push({ other: 1 });
    await untouched.expectNext({ other: 1 });
    expect(log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        details: { err: new Error('the queue at 10.0.0.7 is gone') },
      }),
    );
  });
});

describeBoth('a client that stops an operation', (wire) => {
  test('T28 L16 closes the source once, and is answered at most once', async () => {
    const { ticks, parts } = fedApp();
    const { connect } = await startApp(wire, parts);
    const client = await connect();
    const operation = client.start('subscription { ticks }');
    ticks.push({ ticks: 1 });
    await operation.expectNext({ ticks: 1 });

    operation.stop();
    await stop(operation, wire);
    await operation.expectSilence();
    ticks.push({ ticks: 2 });
    await operation.expectSilence();

    expect(ticks.returns).toBe(1);
  });

  test('T28 L16 drops the event that is on its way', async () => {
    const gate = createGate<number>();
    const ticks = new ControlledSource<object>();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Subscription: { ticks: { subscribe: () => ticks, resolve: () => gate.arrive() } },
      },
    });
    const client = await connect();
    const operation = client.start('subscription { ticks }');
    ticks.push({});
    await gate.arrived();

    await stop(operation, wire);
    await client.fence();
    gate.open(1);

    await operation.expectSilence();
    expect(ticks.returns).toBe(1);
  });

  test('T28 is answered by complete with the option echoComplete', async () => {
    const { ticks, parts } = fedApp();
    const { connect } = await startApp(wire, { ...parts, echoComplete: true });
    const client = await connect();
    const operation = client.start('subscription { ticks }');
    ticks.push({ ticks: 1 });
    await operation.expectNext({ ticks: 1 });

    operation.stop();
    operation.stop();

    await operation.expectComplete();
    await operation.expectSilence();
    expect(ticks.returns).toBe(1);
  });

  test.each(['query', 'mutation'])(
    'T29 L16 of a %s that still runs: its signal fires, and its result is not sent',
    async (kind) => {
      const gate = createGate<string>();
      const signals: AbortSignal[] = [];
      const { connect } = await startApp(wire, {
        typeDefs: 'type Query { work: String } type Mutation { work: String }',
        resolvers: { [kind === 'query' ? 'Query' : 'Mutation']: { work: () => gate.arrive() } },
        context: ({ operation }) => {
          signals.push(operation.signal);
          return {};
        },
      });
      const client = await connect();
      const operation = client.start(`${kind} { work }`);
      await gate.arrived();
      expect(signals.map(({ aborted }) => aborted)).toEqual([false]);

      await stop(operation, wire);
      await client.fence();
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      gate.open('done');

      await operation.expectSilence();
    },
  );

  test('T30 L16 while subscribe is pending: the source is closed as soon as it is there', async () => {
    const gate = createGate<ControlledSource<object>>();
    const source = new ControlledSource<object>();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { ticks: { subscribe: () => gate.arrive() } } },
    });
    const client = await connect();
    const operation = client.start('subscription { ticks }');
    await gate.arrived();

    await stop(operation, wire);
    await client.fence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0 });
    source.push({ ticks: 1 });
    gate.open(source);

    await operation.expectSilence();
    expect(source.returns).toBe(1);
    expect(source.pulls).toBe(0);
  });

  test('T30 L16 while a subscribe is pending that fails: nothing is sent', async () => {
    const gate = createGate<ControlledSource<object>>();
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { ticks: { subscribe: () => gate.arrive() } } },
    });
    const client = await connect();
    const operation = client.start('subscription { ticks }');
    await gate.arrived();

    await stop(operation, wire);
    await client.fence();
    gate.fail(new Error('too late'));

    await operation.expectSilence();
  });
});
