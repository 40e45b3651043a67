import { AssertionError } from 'node:assert';
import type { JsonObject } from '@groupcast/protocol';
import { type ConnectOptions, connect } from '@groupcast/testing';
import { expect, test } from 'vitest';

import { failureOf } from './support/masked-failure.ts';
import { acknowledgingApp, type Peer, scriptedApp } from './support/scripted-app.ts';

type Answer = (peer: Peer, message: JsonObject) => void;

/** The first line of the failure that ends `query`, on a server that answers each message so. */
async function breachOf(onMessage: Answer, options?: ConnectOptions): Promise<string | undefined> {
  const alice = await connect(acknowledgingApp({ onMessage }), options);
  alice.start('{ a }');
  const text = await failureOf(alice.fence().then(() => alice.receive()));
  alice.terminate();
  return text.split('\n')[0];
}

/** Answers an operation by several messages under its id. */
function saying(...messages: JsonObject[]): Answer {
  return ({ say }, { id }) => {
    for (const message of messages) say({ id, ...message });
  };
}

const next = { type: 'next', payload: { data: { a: 1 } } };
const data = { type: 'data', payload: { data: { a: 1 } } };
const error = { type: 'error', payload: [{ message: 'no' }] };
const complete = { type: 'complete' };
const legacy: ConnectOptions = { protocol: 'graphql-ws' };

test('a broken rule fails the next expectation, with its line in the exchange', async () => {
  const app = acknowledgingApp({ onMessage: saying(complete, next) });
  await using alice = await connect(app);
  const operation = alice.start('{ a }');
  await alice.fence().catch(() => {});
  alice.start('{ a }');

  expect(await failureOf(alice.fence())).toMatchInlineSnapshot(`
    "The server broke a rule of graphql-transport-ws: nothing comes for an operation after its end, but line 11 came after the end in line 10
    With \`strict: false\` connect() allows that

    The exchange:
       1  ? ms  → connection_init
       2  ? ms  ← connection_ack
       3  ? ms  → subscribe op1 {"query":"{ a }"}
       4  ? ms  → fence 1
       5  ? ms  ← complete op1
       6  ? ms  ← next op1 {"data":{"a":1}}
       7  ? ms  ← fence 1
       8  ? ms  → subscribe op2 {"query":"{ a }"}
       9  ? ms  → fence 2
      10  ? ms  ← complete op2
      11  ? ms  ← next op2 {"data":{"a":1}}
      12  ? ms  ← fence 2

    Unread:
      operation op1: complete
      operation op1: next { data: { a: 1 } }
      operation op2: complete
      operation op2: next { data: { a: 1 } }"
  `);
  await operation.expectComplete();
});

test('each rule has its sentence', async () => {
  const rules = {
    'a second ack': await breachOf(({ say }) => say({ type: 'connection_ack' })),
    'a result after complete': await breachOf(saying(next, complete, next)),
    'a second ending': await breachOf(saying(complete, complete)),
    'complete after error': await breachOf(saying(error, complete)),
    'a foreign id': await breachOf(saying({ ...next, id: '77' })),
    'a pong unasked': await breachOf(({ say }) => say({ type: 'pong' })),
    'data after complete': await breachOf(saying(data, complete, data), legacy),
    'a second legacy ack': await breachOf(({ say }) => say({ type: 'connection_ack' }), legacy),
    'a foreign legacy id': await breachOf(saying({ ...data, id: '77' }), legacy),
  };

  expect(rules).toMatchInlineSnapshot(`
    {
      "a foreign id": "The server broke a rule of graphql-transport-ws: each id is one that the client has started, but line 5 has another",
      "a foreign legacy id": "The server broke a rule of graphql-ws: each id is one that the client has started, but line 5 has another",
      "a pong unasked": "The server broke a rule of graphql-transport-ws: each ping is answered by one pong, but line 5 came when no ping had been sent",
      "a result after complete": "The server broke a rule of graphql-transport-ws: nothing comes for an operation after its end, but line 7 came after the end in line 6",
      "a second ack": "The server broke a rule of graphql-transport-ws: connection_ack answers connection_init, once, but line 5 is a second one after line 2",
      "a second ending": "The server broke a rule of graphql-transport-ws: nothing comes for an operation after its end, but line 6 came after the end in line 5",
      "a second legacy ack": "The server broke a rule of graphql-ws: connection_ack answers connection_init, once, but line 5 is a second one after line 2",
      "complete after error": "The server broke a rule of graphql-transport-ws: nothing comes for an operation after its end, but line 6 came after the end in line 5",
      "data after complete": "The server broke a rule of graphql-ws: nothing comes for an operation after its end, but line 7 came after the end in line 6",
    }
  `);
});

test('messages before the ack, or an ack before connection_init, break rules', async () => {
  const early: JsonObject[] = [{ id: '1', ...next }, { type: 'connection_ack' }];
  const texts: (string | undefined)[] = [];
  for (const message of early) {
    const app = scriptedApp({ onOpen: ({ say }) => say(message) });
    const alice = await connect(app, { init: false });
    texts.push((await failureOf(alice.fence())).split('\n')[0]);
    await alice.close();
  }

  expect(texts).toMatchInlineSnapshot(`
    [
      "The server broke a rule of graphql-transport-ws: connection_ack comes first, but line 1 came before it",
      "The server broke a rule of graphql-transport-ws: connection_ack answers connection_init, once, but line 1 came before any connection_init",
    ]
  `);
});

test('connect() fails when something comes before the ack', async () => {
  const app = scriptedApp({
    onMessage: ({ say }) => {
      say({ type: 'ka' });
      say({ type: 'connection_ack' });
    },
  });

  await expect(connect(app, legacy)).rejects.toThrow('connection_ack comes first, but line 2');
});

test('a close code that the subprotocol does not know breaks a rule', async () => {
  const codes: [number, ConnectOptions, string | undefined][] = [
    [4400, {}, undefined],
    [1011, {}, undefined],
    [4999, {}, 'with 4999 "Bye"'],
    [4403, legacy, undefined],
    [4400, legacy, 'with 4400 "Bye"'],
  ];
  for (const [code, options, shown] of codes) {
    const app = acknowledgingApp({ onMessage: ({ webSocket }) => webSocket.close(code, 'Bye') });
    const alice = await connect(app, options);
    alice.start('{ a }');
    await alice.closed;
    const rule = 'a server closes with a code that the subprotocol knows';
    const closing = alice.close();
    if (shown) await expect(closing).rejects.toThrow(`${rule}, but it closed ${shown}`);
    else await closing;
  }
});

test('expectClose() may name any code', async () => {
  const app = acknowledgingApp({ onMessage: ({ webSocket }) => webSocket.close(4999) });
  await using alice = await connect(app);
  const expected = alice.expectClose(4999);
  alice.start('{ a }');
  await expected;

  await using bob = await connect(app);
  bob.start('{ a }');
  await bob.closed;
  await bob.expectClose(4999);
});

test('a client that closes first may choose any code', async () => {
  const alice = await connect(acknowledgingApp({}));

  await alice.close(4999);
});

test('who waits is told at once, all of them, and nothing is lost', async () => {
  const app = acknowledgingApp({ onMessage: saying(complete, { ...next, id: '7' }, complete) });
  const alice = await connect(app);
  const waiting = [alice.receive(), alice.receive(), alice.expectClose(4400)];
  const operation = alice.start('{ a }');

  for (const outcome of await Promise.allSettled(waiting)) {
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('each id is one that the client has started') },
    });
  }
  await operation.expectComplete();
  await alice.expectMessage({ ...next, id: '7' });
  await alice.close();
});

test('close() and the end of `await using` fail by a rule that nobody was told of', async () => {
  const app = acknowledgingApp({ onMessage: saying(complete, complete) });
  const alice = await connect(app);
  await alice.start('{ a }').expectComplete();
  await expect(alice.close()).rejects.toThrow('nothing comes for an operation after its end');
  await alice.close();

  const use = async () => {
    await using bob = await connect(app);
    await bob.start('{ a }').expectComplete();
  };
  await expect(use()).rejects.toThrow('nothing comes for an operation after its end');
});

test('the failure is an assertion error with the message and the rule', async () => {
  const alice = await connect(acknowledgingApp({ onMessage: saying(complete, next) }));
  alice.start('{ a }');

  const failure = await alice.fence().catch((reason: unknown) => reason);

  expect(failure).toBeInstanceOf(AssertionError);
  expect(failure).toMatchObject({
    actual: 'next op1 {"data":{"a":1}}',
    expected: 'nothing comes for an operation after its end',
  });
});

test('with `strict: false` a server may do what it likes', async () => {
  const app = acknowledgingApp({ onMessage: saying(complete, next, { ...next, id: '7' }) });
  await using alice = await connect(app, { strict: false });

  const operation = alice.start('{ a }');

  await operation.expectComplete();
  await operation.expectNext({ a: 1 });
  await alice.expectMessage({ ...next, id: '7' });
});

test('what has crossed with a stop, or with a second start of an id, is no breach', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }, { type, id, payload }) => {
      if (type === 'complete') {
        say({ id, ...next });
        say({ id, ...complete });
      } else say({ id, type: 'next', payload: { data: payload } });
    },
  });
  await using alice = await connect(app);

  const first = alice.start('1', { id: 'x' });
  first.stop();
  const second = alice.start('2', { id: 'x' });
  await alice.fence();
  await alice.fence();

  await second.next();
});

test('a server with the plugin sends no result when it has read a stop, and answers each ping', async () => {
  const peers: Peer[] = [];
  const { server } = acknowledgingApp({ onOpen: (peer) => peers.push(peer) });
  const app = { server, graphqlWs: { path: '/graphql', settled: async () => {} } };
  const alice = await connect(app);
  const operation = alice.start('subscription { a }');
  operation.stop();
  await alice.fence();
  peers[0]?.say({ id: '1', ...next });
  const late = (await failureOf(alice.fence())).split('\n')[0];
  alice.send({ type: 'ping' });
  const unanswered = (await failureOf(alice.fence())).split('\n')[0];
  await alice.close();

  expect([late, unanswered]).toMatchInlineSnapshot(`
    [
      "The server broke a rule of graphql-transport-ws: results come only for operations that run, but line 8 came when the server had read that it is stopped",
      "The server broke a rule of graphql-transport-ws: each ping is answered by one pong, but 1 had been sent and 0 answered when later ones were",
    ]
  `);
});

test('errors for what a legacy server could not read are no endings', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say }, { type, id }) => {
      if (type !== 'start') say({ id, type: 'error', payload: { message: 'what?' } });
    },
  });
  await using alice = await connect(app, legacy);

  const operation = alice.start('subscription { a }');
  alice.send({ type: 'made-up', id: '1' });
  alice.send({ type: 'made-up', id: '2' });
  await alice.fence();

  await operation.expectError('what?');
  await alice.expectMessage({ id: '2', type: 'error', payload: { message: 'what?' } });
});
