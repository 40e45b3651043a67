import { connect } from '@groupcast/testing';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { httpApp } from './support/http-app.ts';
import { acknowledgingApp, scriptedApp } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

/** Sends each frame back as it came. */
function echo() {
  const app = httpApp();
  new WebSocketServer({ server: app.server }).on('connection', (webSocket) => {
    webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
  });
  return app;
}

describeTransports('the raw level', (connectTo) => {
  test('send() sends any object as it is, and receive() gives what is on the wire', async () => {
    await using alice = await connectTo(echo(), { init: false });

    alice.send({ type: 'made-up', more: [1] });

    expect(await alice.receive()).toEqual({ type: 'made-up', more: [1] });
  });

  test('receive() gives messages in the order in which they came', async () => {
    await using alice = await connectTo(echo(), { init: false });

    for (const step of [1, 2, 3]) alice.send({ step });

    for (const step of [1, 2, 3]) await alice.expectMessage({ step });
  });

  test('a message that is nested too deep to be shown is cut and shown as it came', async () => {
    await using alice = await connectTo(echo(), { init: false });
    const deep = `{"type":"ping","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

    alice.sendRaw(deep);

    expect(await alice.receive()).toMatchObject({ type: 'ping' });
    expect(alice.transcript()).toContain('{"type":"ping","payload":[[[[');
  });

  test('receive() fails on what is no JSON object, and goes on behind it', async () => {
    await using alice = await connectTo(echo(), { init: false });

    alice.sendRaw('{"type":');
    alice.sendRaw('[1]');
    alice.sendRaw(Uint8Array.of(1, 2, 255));
    alice.sendRaw('');
    alice.send({ type: 'fine' });

    const outcomes = [
      'no JSON object: {"type":',
      'no JSON object: [1]',
      'no JSON object: binary frame of 3 bytes: 0102ff',
      'no JSON object: \n',
    ];
    for (const outcome of outcomes) await expect(alice.receive()).rejects.toThrow(outcome);
    await alice.expectMessage({ type: 'fine' });
  });

  test('sendRaw() sends bytes as text, and text as bytes, when told to', async () => {
    await using alice = await connectTo(echo(), { init: false });

    alice.sendRaw(new TextEncoder().encode('{"as":"text"}'), { binary: false });
    alice.sendRaw('{"as":"bytes"}', { binary: true });

    await alice.expectMessage({ as: 'text' });
    await expect(alice.receive()).rejects.toThrow('binary frame of 14 bytes');
  });

  test('messages of ids without a handle are received', async () => {
    const next = { id: '9', type: 'next', payload: { data: null } };
    const app = acknowledgingApp({ onMessage: ({ say }) => say(next) });
    await using alice = await connectTo(app);

    alice.send({ id: '9', type: 'subscribe', payload: { query: '{ a }' } });

    await alice.expectMessage(next);
  });

  test('broken messages are received even when their id has a handle', async () => {
    const broken = { id: '1', type: 'next', payload: 'text' };
    const app = acknowledgingApp({ onMessage: ({ say }) => say(broken) });
    await using alice = await connectTo(app);

    const operation = alice.start('{ a }');

    await alice.expectMessage(broken);
    expect(operation.unread).toBe(0);
  });

  test('a result is given as it came, with what a strict reader would leave out', async () => {
    const payload = { data: { a: 1 }, errors: [], hasNext: false };
    const app = acknowledgingApp({
      onMessage: ({ say }, { id }) => say({ id, type: 'next', payload }),
    });
    await using alice = await connectTo(app);

    await alice.start('{ a }').expectResult(payload);
    await expect(alice.start('{ a }').expectNext({ a: 1 })).rejects.toThrow('errors: []');
  });
});

test('operation() takes along what has arrived for an id, and leaves the rest', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }) => {
      say({ id: '7', type: 'next', payload: { data: { a: 1 } } });
      say({ id: '8', type: 'complete' });
      say({ id: 7, type: 'complete' });
    },
  });
  await using alice = await connect(app, { protocol: 'graphql-ws', strict: false });
  alice.send({ id: '7', type: 'start', payload: { query: '{ a }' } });
  await alice.fence();

  const seven = alice.operation('7');

  // A legacy result is called data, so that the next message is foreign to both.
  await alice.expectMessage({ id: '7', type: 'next', payload: { data: { a: 1 } } });
  await alice.expectMessage({ id: '8', type: 'complete' });
  await seven.expectComplete();
  await alice.expectSilence();
});

test('operation() gives the same queue again, and a new one after the end was read', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }, { id, payload }) => {
      say({ id, type: 'next', payload: { data: payload } });
      say({ id, type: 'complete' });
    },
  });
  await using alice = await connect(app);
  const ask = (step: number) =>
    alice.send({ id: 'x', type: 'subscribe', payload: { query: String(step) } });

  ask(1);
  await alice.operation('x').expectNext({ query: '1' });
  await alice.operation('x').expectComplete();
  ask(2);
  await alice.operation('x').expectNext({ query: '2' });
  await alice.operation('x').expectComplete();
});

test('an id that is used again has a new queue, and the old handle keeps its own', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }, { id, payload }) => {
      say({ id, type: 'next', payload: { data: payload } });
      say({ id, type: 'complete' });
    },
  });
  await using alice = await connect(app);

  const first = alice.start('1', { id: 'x' });
  await alice.fence();
  const second = alice.start('2', { id: 'x' });

  await second.expectNext({ query: '2' });
  await first.expectNext({ query: '1' });
  await first.expectComplete();
  await second.expectComplete();
});

test('ids that were chosen by the test are not given to other operations', async () => {
  await using alice = await connect(acknowledgingApp({}));

  const ids = [alice.start('a'), alice.start('b', { id: '2' }), alice.start('c')];

  expect(ids.map(({ id }) => id)).toEqual(['1', '2', '3']);
});

test('what arrives after the end of an operation is kept for it', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }, { id }) => {
      say({ id, type: 'complete' });
      say({ id, type: 'next', payload: { data: null } });
    },
  });
  await using alice = await connect(app, { strict: false });

  const operation = alice.start('{ a }');

  await operation.expectComplete();
  await expect(operation.expectSilence()).rejects.toThrow('it received next { data: null }');
});

test('several messages of one turn reach the server in one piece', async () => {
  const pieces: number[] = [];
  const app = scriptedApp({
    onOpen: () => app.sockets[0]?.on('data', (bytes: Uint8Array) => pieces.push(bytes.length)),
  });
  await using alice = await connect(app, { init: false });

  for (let step = 0; step < 3; step += 1) alice.send({ step });
  await alice.fence();

  expect(pieces.filter((length) => length > 0)).toHaveLength(1);
});
