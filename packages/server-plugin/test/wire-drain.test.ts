import { defineSubscription } from '@groupcast/fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ControlledSource } from './support/controlled-source.ts';
import { createGate } from './support/gate.ts';
import { RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = `
  type Query { hello: String }
  type Mutation { work: String }
  type Subscription { onText: String, ticks: Int }
`;
const restart = 'Server restarts, connect again';

/** Longer than any test takes: whoever waits for the end of such a window fails. */
const forEver = 60_000;

describeBoth('a server that shuts down', (wire) => {
  test('T41 with nobody connected closes at once, however long the window is', async () => {
    const { app, connect } = await startApp(wire, {
      typeDefs,
      drainMs: forEver,
      closeTimeoutMs: forEver,
    });
    const client = await connect();
    await client.close();
    await expect.poll(() => app.graphqlWs.stats().connections, { interval: 1 }).toBe(0);

    await app.close();

    expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, timers: 0 });
  });

  test('T41 closes idle clients with 1012, without waiting for the end of the window', async () => {
    const { app, connect } = await startApp(wire, { typeDefs, drainMs: forEver });
    const ready = await connect();
    const silent = await connect({ init: false });

    await app.close();

    await ready.expectClose(1012, restart);
    await silent.expectClose(1012, restart);
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, timers: 0 });
  });

  test('T41 ends subscriptions without a word but the close, and tells unsubscribed: drain', async () => {
    const reasons: string[] = [];
    const ticks = new ControlledSource<object>();
    const onText = defineSubscription({
      subscribe: () => 'a',
      publish: (text: string) => text,
      unsubscribed: (reason) => void reasons.push(reason),
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { Subscription: { onText, ticks: { subscribe: () => ticks } } },
      onDisconnect: (_connection, code) => void reasons.push(String(code)),
    });
    const client = await connect();
    const grouped = await client.subscribe('subscription { onText }');
    const plain = await client.subscribe('subscription { ticks }');

    await app.close();
    await client.expectClose(1012, restart);

    expect([grouped.unread, plain.unread]).toEqual([0, 0]);
    expect(reasons).toEqual(['drain', '1012']);
    expect(ticks.returns).toBe(1);
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, emitterListeners: 0, timers: 0 });
  });

  test('T41 answers a running mutation first, and refuses new operations with SERVER_DRAINING', async () => {
    const gate = createGate<string>();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      drainMs: forEver,
      resolvers: { Mutation: { work: () => gate.arrive() }, Query: { hello: () => 'world' } },
    });
    const client = await connect();
    const running = client.start('mutation { work }');
    await gate.arrived();

    let isClosed = false;
    const closing = app.close().then(() => {
      isClosed = true;
    });
    await client.fence();
    const refused = client.start('{ hello }');
    const errors = await refused.expectError();
    expect(errors).toEqual([
      { message: expect.any(String), extensions: { code: 'SERVER_DRAINING' } },
    ]);
    await client.fence();
    expect(isClosed).toBe(false);
    gate.open('done');

    await running.expectNext({ work: 'done' });
    await running.expectComplete();
    await client.expectClose(1012, restart);
    await closing;
  });

  test('T41 waits for a mutation to the end of the window at most', async () => {
    const gate = createGate<string>();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      drainMs: 20,
      closeTimeoutMs: 20,
      resolvers: { Mutation: { work: () => gate.arrive() } },
    });
    const client = await connect();
    const running = client.start('mutation { work }');
    await gate.arrived();

    await app.close();

    await client.expectClose(1012, restart);
    expect(running.unread).toBe(0);
    gate.open('too late');
  });

  test('T41 lets many clients go over the window, not all at once', async () => {
    const codes: number[] = [];
    const { app, connect } = await startApp(wire, {
      typeDefs,
      drainMs: 2_000,
      keepAlive: false,
      onDisconnect: (_connection, code) => void codes.push(code),
    });
    const clients = await Promise.all(Array.from({ length: 40 }, () => connect()));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());

    const closing = app.close();
    await clients[0]?.expectClose(1012, /^Server restarts, connect again/);
    for (const client of clients.slice(1)) await client.fence();
    await vi.advanceTimersByTimeAsync(20);
    await clients[10]?.expectClose(1012, /^Server restarts, connect again/);
    for (const client of clients.slice(30)) await client.fence();
    await vi.advanceTimersByTimeAsync(1_000);
    await closing;

    expect(codes).toEqual(clients.map(() => 1012));
    for (const client of clients) await client.expectClose(1012, /^Server restarts, connect again/);
  });

  test('T41 takes no new client', async () => {
    const gate = createGate<string>();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      drainMs: forEver,
      resolvers: { Mutation: { work: () => gate.arrive() } },
    });
    const client = await connect();
    client.start('mutation { work }');
    await gate.arrived();

    const closing = app.close();
    await client.fence();
    const late = await RawClient.dial(app, wire.transport);
    late.write(upgradeRequest({ protocol: wire.protocol }));

    expect(await late.head()).toMatch(/^HTTP\/1\.1 503 /);
    gate.open('done');
    await closing;
  });

  test('T41 a dead client holds it up for closeTimeoutMs at most', async () => {
    const { app } = await startApp(wire, { typeDefs, closeTimeoutMs: 30 });
    const client = await RawClient.connect(app, wire);
    // It neither reads nor answers from now on.
    client.pause();

    await app.close();

    expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, timers: 0 });
  });

  test('T41 a client whose upgrade is held up by hooks is turned away and holds up nothing', async () => {
    const gate = createGate();
    const { app } = await startApp(wire, {
      typeDefs,
      closeTimeoutMs: 20,
      before: (instance) => instance.addHook('onRequest', () => gate.arrive()),
    });
    const client = await RawClient.dial(app, wire.transport);
    client.write(upgradeRequest({ protocol: wire.protocol }));
    await gate.arrived();

    const closing = app.close();
    gate.open();

    // In the first moment it is let in and closed with 1012, later it is refused.
    expect(await client.head()).toMatch(/^HTTP\/1\.1 (101|503) /);
    await client.gone();
    await closing;
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, timers: 0 });
  });

  test('T41 hooks of the app that hang hold it up for a bounded time', async () => {
    const onText = defineSubscription({
      subscribe: () => 'a',
      publish: (text: string) => text,
      unsubscribed: () => new Promise<void>(() => undefined),
    });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      closeTimeoutMs: 10,
      resolvers: { Subscription: { onText } },
      onDisconnect: () => new Promise<void>(() => undefined),
    });
    const client = await connect();
    await client.subscribe('subscription { onText }');

    await app.close();

    await client.expectClose(1012, restart);
    await expect.poll(() => app.graphqlWs.stats().timers, { interval: 1 }).toBe(0);
  });

  test('T41 what is broadcast while it drains still reaches who is connected', async () => {
    const gate = createGate<string>();
    const onText = defineSubscription({ subscribe: () => 'a', publish: (text: string) => text });
    const { app, connect } = await startApp(wire, {
      typeDefs,
      drainMs: forEver,
      resolvers: { Subscription: { onText }, Mutation: { work: () => gate.arrive() } },
    });
    const client = await connect();
    const live = await client.subscribe('subscription { onText }');
    client.start('mutation { work }');
    await gate.arrived();

    const closing = app.close();
    await client.fence();
    await app.broadcast(onText, { group: 'a', payload: 'one more' });

    await live.expectNext({ onText: 'one more' });
    gate.open('done');
    await closing;
  });
});
