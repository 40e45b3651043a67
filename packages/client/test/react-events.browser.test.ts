import type { ClientError, Continuity } from '@groupcast/client';
import { useSubscription } from '@groupcast/client/react';
import { createElement, type ReactNode } from 'react';
import { expect, test } from 'vitest';
import { ended, type NumberData, numberRoom, say } from './support/number-room.ts';
import { doAtOnce, openPage } from './support/react-page.ts';

test('every event is called back with, in order, and the last is shown', async () => {
  const page = await openPage({ isStrict: true });
  const heard: number[] = [];
  const shown: (number | undefined)[] = [];
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  page.render(
    numberRoom({
      room: 'red',
      options: { onData: ({ onNumber }) => heard.push(onNumber) },
      onCommit: (_room, { data }) => shown.push(data?.onNumber),
    }),
  );
  await page.shows('live');

  // Held back, so that all come in one go.
  await page.server.fault({ name: 'stall' });
  for (const number of numbers) await say(page, 'red', number);
  await page.server.mend();
  await page.shows('live 99');

  expect(heard).toEqual(numbers);
  const sorted = shown.filter((number) => number !== undefined).toSorted((a, b) => a - b);
  expect(shown.filter((number) => number !== undefined)).toEqual(sorted);
});

test('the callbacks of the latest render are called, without subscribing again', async () => {
  const page = await openPage();
  const heard: string[] = [];
  const told: Continuity[] = [];
  const room = (name: string) =>
    numberRoom({
      room: 'red',
      options: {
        onData: ({ onNumber }) => heard.push(`${name} ${onNumber}`),
        onContinuity: (continuity) => told.push(continuity),
      },
    });
  page.render(room('first'));
  await page.shows('live');
  await say(page, 'red', 1);
  await page.shows('live 1');

  doAtOnce(() => page.render(room('second')));
  await say(page, 'red', 2);
  await page.shows('live 2');

  expect(heard).toEqual(['first 1', 'second 2']);
  expect(told).toEqual([{ state: 'live', reason: 'subscribed' }]);
  expect(page.sent.filter(({ type }) => type === 'subscribe')).toHaveLength(1);
});

test('errors of one event are shown with it, and do not end the subscription', async () => {
  const page = await openPage();
  const heard: NumberData[] = [];
  const errors: string[] = [];
  page.render(
    numberRoom({
      room: 'red',
      options: {
        onData: (data) => heard.push(data),
        onError: ({ code }) => errors.push(code),
      },
    }),
  );
  await page.shows('live');
  await say(page, 'red', 1);

  await say(page, 'red', 'no number');
  await expect.poll(() => page.text).toMatch(/^live \(Int cannot represent/);
  await say(page, 'red', 2);
  await page.shows('live 2');

  expect(heard).toEqual([{ onNumber: 1 }, { onNumber: 2 }]);
  expect(errors).toEqual(['GRAPHQL_RESPONSE']);
});

test('partial data stands beside its errors', async () => {
  const page = await openPage();
  page.render(createElement(MessageRoom));
  await expect.poll(() => page.text).toMatch(/^live/);

  const author = { no: 'text' };
  await page.server.broadcast('onMessage', 'red', { room: 'red', text: 'hi', author });

  await expect.poll(() => page.text).toMatch(/^live hi null String cannot represent/);
});

test('a subscription that its server ends keeps its last data', async () => {
  const page = await openPage({ isStrict: true });
  const heard: unknown[] = [];
  page.render(createElement(Countdown, { onData: (data) => heard.push(data) }));

  await page.shows('ended 1');
  expect(heard).toEqual([{ countdown: 3 }, { countdown: 2 }, { countdown: 1 }]);
  expect(ended(page)).toBe(0);
});

test('an error that ends it is shown, and restart() begins anew', async () => {
  const page = await openPage();
  const errors: ClientError[] = [];
  const statuses: string[] = [];
  let restart: (() => void) | undefined;
  const room = (document?: string) =>
    numberRoom({
      room: 'red',
      ...(document && { document }),
      options: { onError: (error) => errors.push(error) },
      onCommit: (_room, state) => {
        restart = state.restart;
        statuses.push(state.status);
      },
    });
  page.render(room('subscription { nothing }'));
  await expect.poll(() => page.text).toMatch(/^ended \(Cannot query field "nothing"/);

  restart?.();
  await expect.poll(() => errors.length).toBe(2);
  await expect.poll(() => page.text).toMatch(/^ended/);
  page.render(room());
  await page.shows('live');
  await say(page, 'red', 1);
  await page.shows('live 1');
  const before = restart;
  statuses.length = 0;
  restart?.();
  // Without the data of before; `connecting` may be over before it can be seen.
  await page.shows('live');
  expect(statuses).toContain('connecting');

  expect(errors.map(({ code }) => code)).toEqual(['GRAPHQL_RESPONSE', 'GRAPHQL_RESPONSE']);
  expect(restart).toBe(before);
  await page.server.awaitSubscribers('onNumber', 'red', 1);
});

function MessageRoom(): ReactNode {
  const { status, data, error } = useSubscription<{ onMessage: { text: string; author: string } }>(
    'subscription { onMessage(room: "red") { text author } }',
  );
  const { text, author } = data?.onMessage ?? {};
  return [status, text, String(author), error?.message].filter(Boolean).join(' ');
}

function Countdown({ onData }: { readonly onData: (data: unknown) => void }): ReactNode {
  const { status, data } = useSubscription('subscription { countdown(from: 3) }', {}, { onData });
  return `${status} ${data?.['countdown']}`;
}
