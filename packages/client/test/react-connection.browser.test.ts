import type { ClientError, Continuity } from '@groupcast/client';
import { createElement } from 'react';
import { expect, test } from 'vitest';
import { begun, type NumberRoomProps, numberRoom, Status, say } from './support/number-room.ts';
import { openPage } from './support/react-page.ts';

test('a lost connection is shown as connecting, and the data stays until it is live again', async () => {
  const page = await openPage({ isStrict: true });
  const told: Continuity[] = [];
  page.render(
    numberRoom({
      room: 'red',
      options: { onContinuity: (continuity) => told.push(continuity) },
    }),
  );
  await page.shows('live');
  await say(page, 'red', 1);
  await page.shows('live 1');

  await page.server.fault({ name: 'refuse' });
  await page.server.closeAll(4321, 'Enough');
  await page.shows('connecting 1');
  await page.server.mend();
  await page.shows('live 1');
  await say(page, 'red', 2);
  await page.shows('live 2');

  expect(told.map(({ reason }) => reason)).toEqual(['subscribed', 'reconnected']);
  expect(begun(page)).toEqual(['red', 'red']);
});

test('restart() after the client has given up dials anew, and brings the others back', async () => {
  const page = await openPage({ isStrict: true });
  const errors: ClientError[] = [];
  let restart: (() => void) | undefined;
  const onCommit: NumberRoomProps['onCommit'] = (_room, state) => {
    restart = state.restart;
  };
  await page.server.refuse();
  page.render(
    numberRoom({ room: 'red', onCommit, options: { onError: (error) => errors.push(error) } }),
    numberRoom({ room: 'blue' }),
  );
  await page.shows('ended (Forbidden)ended (Forbidden)');
  expect(page.client.status.name).toBe('closed');

  restart?.();
  await expect.poll(() => errors.length).toBe(2);
  await page.shows('ended (Forbidden)ended (Forbidden)');
  await page.server.accept();
  restart?.();
  await page.shows('livelive');
  await say(page, 'blue', 1);
  await page.shows('livelive 1');

  expect(begun(page).toSorted()).toEqual(['blue', 'red']);
  expect(errors.map(({ code }) => code)).toEqual(['UNAUTHORIZED', 'UNAUTHORIZED']);
});

test('components come back when the app reconnects a client that had given up', async () => {
  const page = await openPage();
  page.render(numberRoom({ room: 'red' }));
  await page.shows('live');
  await page.server.refuse();
  await page.server.expire();
  await page.shows('ended (Forbidden)');

  await page.server.accept();
  page.client.reconnect();

  await page.shows('live');
  expect(begun(page)).toEqual(['red', 'red']);
});

test('a component of a closed client has ended, and restart() does not open it', async () => {
  const page = await openPage();
  let restart: (() => void) | undefined;
  const onCommit: NumberRoomProps['onCommit'] = (_room, state) => {
    restart = state.restart;
  };
  page.render(numberRoom({ room: 'red', onCommit }));
  await page.shows('live');

  await page.client.close();
  await page.shows('ended (The client was closed)');
  restart?.();
  await page.shows('ended (The client was closed)');

  await page.server.awaitConnections(0);
});

test('useClientStatus() shows what the connection does', async () => {
  const page = await openPage({ isStrict: true, idleCloseMs: 50 });
  page.render(createElement(Status));
  await page.shows('idle');

  page.render(createElement(Status), numberRoom({ room: 'red' }));
  await page.shows('openlive');
  await page.server.fault({ name: 'refuse' });
  await page.server.closeAll(4321, 'Enough');
  await expect.poll(() => page.text).toMatch(/^(waiting|connecting)connecting$/);
  await page.server.mend();
  await page.shows('openlive');
  page.render(createElement(Status));
  await page.shows('idle');
  await page.client.close();
  await page.shows('closed');
});
