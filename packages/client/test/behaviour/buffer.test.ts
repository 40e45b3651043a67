import { expect, test } from 'vitest';
import type { Continuity, SubscribeOptions } from '../../src/index.ts';
import { startServer } from '../stage/stage.ts';
import { clientOf, Heard } from './support/staged-client.ts';

const COUNTDOWN = 'subscription Count($from: Int!) { countdown(from: $from) }';

interface Count {
  readonly countdown: number;
}

/** A subscription whose results have all come, and nobody has taken. */
async function filled(from: number, options: SubscribeOptions) {
  const client = clientOf(await startServer());
  const subscription = client.subscribe<Count>(COUNTDOWN, { from }, options);
  await subscription.ready;
  // Its last result has come when that of a later one has.
  const later = new Heard(client.subscribe(COUNTDOWN, { from }));
  await later.end();
  return subscription;
}

test('results wait in their order until they are taken', async () => {
  const subscription = await filled(200, {});

  const counts: number[] = [];
  for await (const { countdown } of subscription) counts.push(countdown);

  expect(counts).toEqual(Array.from({ length: 200 }, (_, index) => 200 - index));
});

test('as many wait as the limit says', async () => {
  const told: Continuity[] = [];
  const subscription = await filled(3, {
    bufferLimit: 3,
    onContinuity: (continuity) => told.push(continuity),
  });

  const counts: number[] = [];
  for await (const { countdown } of subscription) counts.push(countdown);

  expect(counts).toEqual([3, 2, 1]);
  expect(told).toEqual([{ state: 'live', reason: 'subscribed' }]);
});

test('more than that drop the oldest, and the gap is told before the next result', async () => {
  const story: unknown[] = [];
  const subscription = await filled(10, {
    bufferLimit: 3,
    onContinuity: (continuity) => story.push(continuity),
  });

  for await (const { countdown } of subscription) story.push(countdown);

  expect(story).toEqual([
    { state: 'live', reason: 'subscribed' },
    { state: 'gap', reason: 'buffer' },
    3,
    2,
    1,
  ]);
});
