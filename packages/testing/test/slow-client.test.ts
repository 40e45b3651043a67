import { expect, test } from 'vitest';

import { acknowledgingApp, type Peer } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

const FRAMES = 400;
const FRAME_BYTES = 50_000;

describeTransports('a client that has paused', (connectTo) => {
  test('makes the server wait, and gets everything once it reads on', async () => {
    const peers: Peer[] = [];
    const app = acknowledgingApp({ onOpen: (peer) => peers.push(peer) });
    await using alice = await connectTo(app);
    const operation = alice.start('subscription { a }');
    await alice.fence();

    alice.pause();
    const payload = { data: { a: 'x'.repeat(FRAME_BYTES) } };
    for (let count = 0; count < FRAMES; count += 1) {
      peers[0]?.say({ id: operation.id, type: 'next', payload });
    }
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = peers[0]?.webSocket.bufferedAmount;
    alice.resume();
    await alice.fence();

    expect(waiting).toBeGreaterThan(FRAME_BYTES);
    expect(operation.unread).toBe(FRAMES);
  });

  test('can be closed all the same', async () => {
    const alice = await connectTo(acknowledgingApp({}));
    alice.pause();

    await alice.close();

    expect(await alice.closed).toMatchObject({ code: 1000 });
  });
});
