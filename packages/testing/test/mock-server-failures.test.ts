import { AssertionError } from 'node:assert';
import { mockServer } from '@groupcast/testing';
import { afterEach, expect, test, vi } from 'vitest';

import { failureOf, masked } from './support/masked-failure.ts';
import { MockPeer } from './support/mock-peer.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A server, and a client with a running subscription. */
async function stage(timeoutMs = 5_000) {
  const server = await mockServer({ hello: { data: { hello: 'world' } } }, { timeoutMs });
  const alice = await MockPeer.connect(server, 'graphql-transport-ws', { token: 'alice' });
  const query = 'subscription OnMessage { onMessage }';
  const payload = { query, variables: { room: 'kittens' } };
  alice.send({ id: '1', type: 'subscribe', payload });
  // Without a limit of few milliseconds.
  await vi.waitFor(() => expect(server.operations).toHaveLength(1));
  const operation = await server.operation('OnMessage');
  return { server, alice, operation };
}

/** What a call throws that must throw. */
function thrownBy(call: () => void): string {
  try {
    call();
  } catch (error) {
    return masked(error instanceof Error ? error.message : String(error));
  }
  return 'nothing was thrown';
}

test('an operation that does not begin is missed with all that came instead', async () => {
  const { server, alice } = await stage(20);
  await using _ = server;
  alice.send({ id: '2', type: 'subscribe', payload: { query: 'mutation Send { send }' } });
  await alice.next();

  expect(await failureOf(server.operation('OnMesage'))).toMatchInlineSnapshot(`
    "Expected an operation "OnMesage" to begin, but nothing came within 20 ms

    The exchange, by connection:
       1  ? ms  · #1 connected graphql-transport-ws
       2  ? ms  → #1 connection_init {"token":"alice"}
       3  ? ms  ← #1 connection_ack
       4  ? ms  → #1 subscribe "1" {"query":"subscription OnMessage { onMessage }","variables":{"room":"kittens"}}
       5  ? ms  → #1 subscribe "2" {"query":"mutation Send { send }"}
       6  ? ms  ← #1 error "2" [{"message":"The mock server has no handler for mutation \\"Send\\"; there are some for \\"hello\\""}]

    Running:
      #1 subscription "OnMessage" {"room":"kittens"}"
  `);
});

test('a failure is an AssertionError with what was expected', async () => {
  await using server = await mockServer({}, { timeoutMs: 1 });

  const error = await server.operation('Hello').catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(AssertionError);
  expect(error).toMatchObject({ actual: 'timeout', expected: 'Hello' });
  expect(error).toMatchInlineSnapshot(`
    [AssertionError: Expected an operation "Hello" to begin, but nothing came within 1 ms

    The exchange, by connection:
      nothing

    Running:
      nothing]
  `);
});

test('each expectation says what it wanted and what there was instead', async () => {
  const { server, alice, operation } = await stage(20);
  const firstLines: (string | undefined)[] = [];
  const failing = async (expectation: Promise<unknown>) => {
    firstLines.push((await failureOf(expectation)).split('\n')[0]);
  };

  await failing(server.operation());
  await failing(server.expectNone());
  await failing(server.expectNone('OnMessage'));
  await failing(operation.expectStop());
  await failing(operation.connection.expectClose(1000));
  operation.complete();
  await failing(operation.expectStop());
  await server.closeAll(1012, 'restart');
  await failing(operation.connection.expectClose(1000));
  await failing(server.connection());
  await alice.closed;
  const waiting = failing(server.operation('Late'));
  await server.close();
  await waiting;
  await failing(server.operation('Never'));

  expect(firstLines).toMatchInlineSnapshot(`
    [
      "Expected an operation to begin, but nothing came within 20 ms",
      "Expected no operation to run, but 1 did not end within 20 ms",
      "Expected no operation "OnMessage" to run, but 1 did not end within 20 ms",
      "Expected the client to end subscription "OnMessage", but it did not within 20 ms",
      "Expected connection #1 to close with 1000, but it did not within 20 ms",
      "Expected the client to end subscription "OnMessage", but the server has ended it with complete",
      "Expected connection #1 to close with 1000, but it closed with 1012 "restart"",
      "Expected a client to connect, but nothing came within 20 ms",
      "Expected an operation "Late" to begin, but nothing came before the server was closed",
      "Expected an operation "Never" to begin, but nothing came before the server was closed",
    ]
  `);
});

test('what is said to an operation that has ended throws, since nobody would hear it', async () => {
  const { server, alice, operation } = await stage();
  await using _ = server;
  alice.send({ id: '1', type: 'complete' });
  await operation.expectStop();
  alice.send({ id: '2', type: 'subscribe', payload: { query: '{ hello }' } });
  const hello = await server.operation('hello');
  alice.send({ id: '3', type: 'subscribe', payload: { query: 'subscription Lost { a }' } });
  const lost = await server.operation('Lost');

  expect(thrownBy(() => operation.next({ onMessage: 'late' }))).toMatchInlineSnapshot(`
    "Expected subscription "OnMessage" to run and take a result, but the client has ended it

    The exchange, by connection:
       1  ? ms  · #1 connected graphql-transport-ws
       2  ? ms  → #1 connection_init {"token":"alice"}
       3  ? ms  ← #1 connection_ack
       4  ? ms  → #1 subscribe "1" {"query":"subscription OnMessage { onMessage }","variables":{"room":"kittens"}}
       5  ? ms  → #1 complete "1"
       6  ? ms  → #1 subscribe "2" {"query":"{ hello }"}
       7  ? ms  ← #1 next "2" {"data":{"hello":"world"}}
       8  ? ms  ← #1 complete "2"
       9  ? ms  → #1 subscribe "3" {"query":"subscription Lost { a }"}

    Running:
      #1 subscription "Lost" {}"
  `);
  const said = [
    () => operation.gap({ reason: 'queue' }),
    () => hello.complete(),
    () => hello.error([{ message: 'no' }]),
  ];
  expect(said.map((call) => thrownBy(call).split('\n')[0])).toMatchInlineSnapshot(`
    [
      "Expected subscription "OnMessage" to run and take a gap, but the client has ended it",
      "Expected query "hello" to run and take its completion, but the server has ended it with complete",
      "Expected query "hello" to run and take an error, but the server has ended it with complete",
    ]
  `);
  alice.terminate();
  await lost.expectStop();
  expect(thrownBy(() => lost.next({})).split('\n')[0]).toMatchInlineSnapshot(
    `"Expected subscription "Lost" to run and take a result, but its connection was closed with 1006"`,
  );
});

test('a subscription that the server has closed was not stopped by its client', async () => {
  const { server, operation } = await stage();
  await using _ = server;

  await server.closeAll(1012, 'restart');

  expect((await failureOf(operation.expectStop())).split('\n')[0]).toMatchInlineSnapshot(
    `"Expected the client to end subscription "OnMessage", but its connection was closed by the server with 1012 "restart""`,
  );
});

test('a timeout under faked timers says that they are faked', async () => {
  vi.useFakeTimers();
  await using server = await mockServer({}, { timeoutMs: 1 });

  await expect(server.operation('Hello')).rejects.toThrow(
    'nothing came within 1 ms\nTimers are faked: what the client does later waits until you advance them',
  );
});

test('what can not be is refused at once', async () => {
  await using server = await mockServer();
  await MockPeer.connect(server, 'graphql-transport-ws');
  const connection = await server.connection();

  expect(() => server.refuse(1006)).toThrowErrorMatchingInlineSnapshot(
    `[RangeError: A connection can't be closed with 1006: codes are 1000 to 1014 without 1004 to 1006, and 3000 to 4999]`,
  );
  expect(() => server.refuse(200)).toThrowErrorMatchingInlineSnapshot(
    `[RangeError: An upgrade can't be refused with HTTP status 200: use 400 to 599]`,
  );
  await expect(server.closeAll(200)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[RangeError: A connection can't be closed with 200: codes are 1000 to 1014 without 1004 to 1006, and 3000 to 4999]`,
  );
  await expect(connection.close(1006)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[RangeError: A connection can't be closed with 1006: codes are 1000 to 1014 without 1004 to 1006, and 3000 to 4999]`,
  );
  for (const ms of [Number.POSITIVE_INFINITY, Number.NaN, -1, 2 ** 31]) {
    expect(() => server.delay(ms)).toThrow(`Messages can't take ${ms} ms`);
  }
  expect(() => server.delay(-1)).toThrowErrorMatchingInlineSnapshot(
    `[RangeError: Messages can't take -1 ms: give 0 to 2147483647]`,
  );
});

test('the transcript shows what each connection has said', async () => {
  const { server, alice, operation } = await stage();
  await using _ = server;
  operation.next({ onMessage: 'hi' });
  await alice.next();
  server.stall();
  server.resume();
  await server.closeAll(1012, 'restart');
  await MockPeer.connect(server, 'graphql-ws');
  server.dropAll();
  await vi.waitFor(() => expect(server.transcript()).toContain('1006'));

  expect(server.transcript()).toMatchInlineSnapshot(`
    "   1  · #1 connected graphql-transport-ws
       2  → #1 connection_init {"token":"alice"}
       3  ← #1 connection_ack
       4  → #1 subscribe "1" {"query":"subscription OnMessage { onMessage }","variables":{"room":"kittens"}}
       5  ← #1 next "1" {"data":{"onMessage":"hi"}}
       6  · stalled
       7  · resumed
       8  ← #1 close 1012 "restart"
       9  ✕ #1 closed 1012 "restart"
      10  · #2 connected graphql-ws
      11  → #2 connection_init
      12  ← #2 connection_ack
      13  · #2 socket dropped
      14  ✕ #2 closed 1006"
  `);
});
