import { type Client, createClient } from '@groupcast/client';
import { type MockServer, mockServer } from '@groupcast/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchComments } from '../../src/page/watch-comments.ts';

const first = { id: '1', author: 'Ben', text: 'First!' };
const second = { id: '2', author: 'Ben', text: 'Second!' };
const third = { id: '3', author: 'Ann', text: 'Third!' };

let server: MockServer;
let client: Client;

beforeEach(async () => {
  server = await mockServer({
    Comments: { data: { comments: [first] } },
    AddComment: ({ variables }) => ({
      data: { addComment: { id: '3', author: 'Ann', text: variables['text'] } },
    }),
  });
  client = createClient({
    url: server.url,
    webSocket: server.WebSocket,
    params: { token: 'token-of-ann' },
    retryDelayMs: () => 0,
  });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

test('comments are shown as they come, until the list is closed', async () => {
  const view = { render: vi.fn(), fail: vi.fn() };
  const list = watchComments(client, 'otters', view);
  const subscription = await server.operation('CommentAdded');
  expect(subscription.variables).toEqual({ article: 'otters' });
  await vi.waitFor(() => expect(view.render).toHaveBeenLastCalledWith([first]));

  subscription.next({ commentAdded: second });
  await vi.waitFor(() => expect(view.render).toHaveBeenLastCalledWith([first, second]));

  await list.write('Third!');
  expect(view.render).toHaveBeenLastCalledWith([first, second, third]);

  list.close();
  await subscription.expectStop();
  expect(view.fail).not.toHaveBeenCalled();
});

test('what was missed while the server restarted is fetched', async () => {
  const view = { render: vi.fn(), fail: vi.fn() };
  watchComments(client, 'otters', view);
  await vi.waitFor(() => expect(view.render).toHaveBeenLastCalledWith([first]));

  server.handle({ Comments: { data: { comments: [first, second] } } });
  await server.restart();

  await vi.waitFor(() => expect(view.render).toHaveBeenLastCalledWith([first, second]));
});

test('a refused subscription is told', async () => {
  const view = { render: vi.fn(), fail: vi.fn() };
  server.handle({
    CommentAdded: () => {
      throw new Error('This article is for members');
    },
  });

  watchComments(client, 'salaries', view);

  await vi.waitFor(() => expect(view.fail).toHaveBeenCalledWith('This article is for members'));
});
