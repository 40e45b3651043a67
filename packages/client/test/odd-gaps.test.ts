import { type MockHandlers, type MockServer, mockServer } from '@groupcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type Continuity, createClient, type SubscribeOptions } from '../src/index.ts';

const LIVE = { state: 'live', reason: 'subscribed' } as const;

type Operation = Parameters<Extract<MockHandlers[string], (...args: never[]) => unknown>>[0];

/** What a subscription is told and hears, until its server has said all of it. */
async function story(
  say: (operation: Operation, server: MockServer) => void,
  options: SubscribeOptions = {},
): Promise<unknown[]> {
  const server = await mockServer({ OnText: (operation) => say(operation, server) });
  const client = createClient({ url: server.url, webSocket: server.WebSocket });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const told: unknown[] = [];
  const subscription = client.subscribe<{ onText: string }>(
    'subscription OnText { onText }',
    {},
    { ...options, onContinuity: (continuity: Continuity) => told.push(continuity) },
  );
  await subscription.ready;
  // All that the server has said has come when it has answered this.
  server.handle({ Fence: { data: { fence: true } } });
  await client.query('query Fence { fence }');
  for await (const { onText } of subscription) told.push(onText);
  return told;
}

function gap(operation: Operation, members: object): void {
  operation.result({ data: null, extensions: { groupcast: { v: 1, gap: { ...members } } } });
}

test.each([true, false, null, 0, 'subscribed', ['live'], {}])(
  'a gap is told as a gap, whatever its reason is: %j',
  async (reason) => {
    const told = await story((operation) => {
      operation.next({ onText: 'a' });
      gap(operation, { reason });
      operation.next({ onText: 'b' });
      operation.complete();
    });

    const isText = typeof reason === 'string';
    expect(told).toEqual([LIVE, 'a', { state: 'gap', reason: isText ? reason : 'unknown' }, 'b']);
  },
);

test('gaps whose reasons are no texts are told once, as all gaps of one reason are', async () => {
  const told = await story((operation) => {
    for (let round = 0; round < 100; round += 1) gap(operation, { reason: {}, dropped: 1 });
    operation.next({ onText: 'a' });
    operation.complete();
  });

  expect(told).toEqual([LIVE, { state: 'gap', reason: 'unknown', dropped: 100 }, 'a']);
});

test('what is known to be missing before a result that the buffer drops is not forgotten', async () => {
  const told = await story(
    (operation) => {
      for (const [dropped, onText] of [
        [1, 'a'],
        [2, 'b'],
        [4, 'c'],
      ] as const) {
        gap(operation, { reason: 'queue', dropped });
        operation.next({ onText });
      }
      operation.complete();
    },
    { bufferLimit: 1 },
  );

  expect(told).toEqual([
    LIVE,
    { state: 'gap', reason: 'queue', dropped: 7 },
    { state: 'gap', reason: 'buffer' },
    'c',
  ]);
});
