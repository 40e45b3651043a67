import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { afterEach, beforeEach, it } from 'node:test';
import { createClient } from '@groupcast/client';
import { mockServer } from '@groupcast/testing';
import { watchComments } from '#app/page/watch-comments';

const first = { id: '1', author: 'Ben', text: 'First!' };
const second = { id: '2', author: 'Ben', text: 'Second!' };

/** @type {import('@groupcast/testing').MockServer} */
let server;
/** @type {import('@groupcast/client').Client} */
let client;

beforeEach(async () => {
  server = await mockServer({ Comments: { data: { comments: [first] } } });
  client = createClient({
    url: server.url,
    webSocket: server.WebSocket,
    retryDelayMs: () => 0,
  });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

/**
 * A view that remembers what it was told, to be asked for one by one.
 *
 * @returns {import('#app/page/watch-comments').View & { next(): Promise<unknown> }}
 */
function recordingView() {
  const page = new EventEmitter();
  const told = on(page, 'told');
  return {
    render: (comments) => page.emit('told', comments),
    fail: (message) => page.emit('told', message),
    next: async () => (await told.next()).value[0],
  };
}

it('comments are shown as they come, until the list is closed', async () => {
  const view = recordingView();
  const list = watchComments(client, 'otters', view);
  const subscription = await server.operation('CommentAdded');
  assert.deepEqual(subscription.variables, { article: 'otters' });
  assert.deepEqual(await view.next(), [first]);

  subscription.next({ commentAdded: second });
  assert.deepEqual(await view.next(), [first, second]);

  list.close();
  await subscription.expectStop();
});

it('what was missed while the server restarted is fetched', async () => {
  const view = recordingView();
  watchComments(client, 'otters', view);
  assert.deepEqual(await view.next(), [first]);

  server.handle({ Comments: { data: { comments: [first, second] } } });
  await server.restart();

  assert.deepEqual(await view.next(), [first, second]);
});

it('a refused subscription is told', async () => {
  const view = recordingView();
  server.handle({
    CommentAdded: () => {
      throw new Error('This article is for members');
    },
  });

  watchComments(client, 'salaries', view);

  assert.equal(await view.next(), 'This article is for members');
});
