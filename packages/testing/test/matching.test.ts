import { connect } from '@groupcast/testing';
import { expect, test } from 'vitest';

import { graphqlWsApp } from './support/graphql-ws-app.ts';
import { failureOf } from './support/masked-failure.ts';
import { acknowledgingApp } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

const countdown = 'subscription { countdown(from: 5) }';

/** Does the result have this number? */
function has(countdown: number) {
  return ({ data }: { readonly data?: unknown }): boolean =>
    (data as { countdown: number }).countdown === countdown;
}

test('until() skips results up to the one that fits, and gives it back', async () => {
  await using alice = await connect(graphqlWsApp());
  const operation = await alice.subscribe(countdown);

  expect(await operation.until(has(3))).toEqual({ data: { countdown: 3 } });

  await operation.expectNext({ countdown: 2 });
});

test('until() fails when the operation ends, and when nothing comes in time', async () => {
  await using alice = await connect(graphqlWsApp(), { timeoutMs: 100 });
  const ending = await alice.subscribe('subscription { countdown(from: 1) }');
  const silent = await alice.subscribe('subscription { silent }');

  expect(await failureOf(ending.until(has(7)))).toMatchInlineSnapshot(`
    "Expected operation op1 to have a result that fits after 1 that did not, but it received complete

    The exchange:
       1  ? ms  → connection_init
       2  ? ms  ← connection_ack {"hello":null}
       3  ? ms  → subscribe op1 {"query":"subscription { countdown(from: 1) }"}
       4  ? ms  → fence 1
       5  ? ms  ← fence 1
       6  ? ms  ← next op1 {"data":{"countdown":1}}
       7  ? ms  ← complete op1
       8  ? ms  → subscribe op2 {"query":"subscription { silent }"}
       9  ? ms  → fence 2
      10  ? ms  ← fence 2

    Unread:
      nothing"
  `);
  await expect(silent.until(has(7))).rejects.toThrow(
    'Expected operation op2 to have a result that fits, but nothing came within 100 ms',
  );
});

test('until() gives up in time when results go on that do not fit', async () => {
  let timer: NodeJS.Timeout | undefined;
  const app = acknowledgingApp({
    onMessage: ({ say }, { id }) => {
      timer = setInterval(() => say({ id, type: 'next', payload: { data: null } }), 1);
    },
  });
  await using alice = await connect(app, { timeoutMs: 100 });

  await expect(alice.start('subscription { a }').until(() => false)).rejects.toThrow(
    /to have a result that fits after \d+ that did not, but nothing came within 100 ms/,
  );
  clearInterval(timer);
});

test('expectNext() takes a check of the data', async () => {
  await using alice = await connect(graphqlWsApp());
  const operation = await alice.subscribe(countdown);

  await operation.expectNext((data) => has(5)({ data }));
  const failure = await failureOf(operation.expectNext((data) => has(5)({ data })));

  expect(failure.split('\n')[0]).toMatchInlineSnapshot(
    `"Expected operation op1 to have data that fit, but it received next { data: { countdown: 4 } }"`,
  );
});

describeTransports('a broken frame', (connectTo) => {
  test('is sent as it is, and closes with the code of the websocket protocol', async () => {
    const alice = await connectTo(
      acknowledgingApp({ onOpen: ({ webSocket }) => webSocket.on('error', () => {}) }),
    );

    // Bits that no extension has given a meaning.
    alice.sendRaw(Uint8Array.of(0xf1, 0x80), { framed: false });

    await alice.expectClose(1002);
    expect(alice.transcript()).toContain('→ without a frame: 2 bytes: f180');
  });
});
