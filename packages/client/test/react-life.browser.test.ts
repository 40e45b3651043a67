import { createClient } from '@groupcast/client';
import { describe, expect, test } from 'vitest';
import { begun, ended, type NumberData, numberRoom, say } from './support/number-room.ts';
import { doAtOnce, openPage } from './support/react-page.ts';

describe.each([
  ['in strict mode', true],
  ['without strict mode', false],
])('%s', (_title, isStrict) => {
  test('a component subscribes once, and shows what comes', async () => {
    const page = await openPage({ isStrict });
    page.render(numberRoom({ room: 'red' }));
    await page.shows('live');

    await say(page, 'red', 1);
    await page.shows('live 1');
    await say(page, 'red', 2);
    await page.shows('live 2');

    expect(begun(page)).toEqual(['red']);
    expect(await page.server.subscribers('onNumber', 'red')).toBe(1);
  });

  test('a component that goes ends its subscription on the server', async () => {
    const page = await openPage({ isStrict });
    const heard: NumberData[] = [];
    page.render(numberRoom({ room: 'red', options: { onData: (data) => heard.push(data) } }));
    await page.shows('live');

    page.render(null);
    await page.server.awaitSubscribers('onNumber', 'red', 0);
    await say(page, 'red', 1);

    expect(page.sent.map(({ type }) => type)).toEqual(['connection_init', 'subscribe', 'complete']);
    expect(heard).toEqual([]);
    expect(page.text).toBe('');
  });

  test('a component that comes and goes at once sends nothing', async () => {
    const page = await openPage({ isStrict });
    doAtOnce(() => page.render(numberRoom({ room: 'red' })));
    doAtOnce(() => page.render(null));
    page.render(numberRoom({ room: 'blue' }));
    await page.shows('live');

    expect(begun(page)).toEqual(['blue']);
  });

  test('changed variables end the subscription and begin another, without its data', async () => {
    const page = await openPage({ isStrict });
    const commits: string[] = [];
    const room = (name: string) =>
      numberRoom({
        room: name,
        onCommit: (now, { status, data }) => commits.push(`${now} ${status} ${data?.onNumber}`),
      });
    page.render(room('red'));
    await page.shows('live');
    await say(page, 'red', 1);
    await page.shows('live 1');
    commits.length = 0;

    page.render(room('blue'));
    await page.shows('live');
    await page.server.awaitSubscribers('onNumber', 'red', 0);
    await say(page, 'red', 2);
    await say(page, 'blue', 3);
    await page.shows('live 3');

    expect(commits[0]).toBe('blue connecting undefined');
    expect(commits.join()).not.toMatch(/blue \w+ [12]/);
    expect(begun(page)).toEqual(['red', 'blue']);
    expect(ended(page)).toBe(1);
  });

  test('variables that are equal are the same, however often it renders', async () => {
    const page = await openPage({ isStrict });
    for (let i = 0; i < 5; i += 1) {
      page.render(numberRoom({ room: 'red' }));
      await page.shows('live');
    }

    expect(begun(page)).toEqual(['red']);
  });

  test('a changed document begins another subscription', async () => {
    const page = await openPage({ isStrict });
    page.render(numberRoom({ room: 'red' }));
    await page.shows('live');

    const document = 'subscription Other($room: String!) { onNumber(room: $room) }';
    page.render(numberRoom({ room: 'red', document }));
    await expect.poll(() => begun(page)).toEqual(['red', 'red']);
    await page.shows('live');

    await page.server.awaitSubscribers('onNumber', 'red', 1);
    expect(ended(page)).toBe(1);
  });
});

test('what is not enabled is idle, and what was enabled ends', async () => {
  const page = await openPage();
  page.render(numberRoom({ room: 'red', options: { enabled: false } }));
  await page.shows('idle');
  expect(page.client.status.name).toBe('idle');

  page.render(numberRoom({ room: 'red' }));
  await page.shows('live');
  await say(page, 'red', 1);
  await page.shows('live 1');
  page.render(numberRoom({ room: 'red', options: { enabled: false } }));
  await page.shows('idle');
  await page.server.awaitSubscribers('onNumber', 'red', 0);

  const shown: unknown[] = [];
  page.render(numberRoom({ room: 'red', onCommit: (_room, { data }) => shown.push(data) }));
  await page.shows('live');
  expect(shown.every((data) => data === undefined)).toBe(true);
});

test('a client that is named is taken in place of the provided one, and can be changed', async () => {
  const page = await openPage();
  const other = createClient({ url: page.server.url });
  page.render(numberRoom({ room: 'red', options: { client: other } }));
  await page.shows('live');
  expect(page.client.status.name).toBe('idle');
  expect(other.status.name).toBe('open');

  page.render(numberRoom({ room: 'red' }));
  await expect.poll(() => begun(page)).toEqual(['red']);
  await page.shows('live');
  await page.server.awaitSubscribers('onNumber', 'red', 1);
  await other.close();
});

test('several components of one client share its connection', async () => {
  const page = await openPage();
  page.render(numberRoom({ room: 'red' }), numberRoom({ room: 'blue' }));
  await page.shows('livelive');

  await say(page, 'blue', 1);

  await page.shows('livelive 1');
  expect(await page.server.connections()).toBe(1);
});
