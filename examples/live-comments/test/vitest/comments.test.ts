import {
  type ConnectOptions,
  connect,
  expectNoLeaks,
  forEachProtocol,
  type TestConnection,
} from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/build-app.ts';

const COMMENTS =
  'subscription ($article: String!) { commentAdded(article: $article) { author text } }';
const READERS = 'subscription { readerChanged(article: "otters") { name isHere } }';
const ADD = 'mutation { addComment(article: "otters", text: "They hold hands") { text } }';

const otters = { variables: { article: 'otters' } };
const badgers = { variables: { article: 'badgers' } };
const salaries = { variables: { article: 'salaries' } };

let app: FastifyInstance;

beforeEach(async () => {
  app = await buildApp();
});

afterEach(async () => {
  await expectNoLeaks(app);
  await app.close();
});

function login(name: string, options: ConnectOptions = {}): Promise<TestConnection> {
  return connect(app, { params: { token: `token-of-${name}` }, ...options });
}

forEachProtocol((protocol) =>
  describe(`comments over ${protocol}`, () => {
    test('a comment reaches those who read its article, and not its author', async () => {
      await using ann = await login('ann', { protocol });
      await using ben = await login('ben', { protocol });
      const seenByAnn = await ann.subscribe(COMMENTS, otters);
      const seenByBen = await ben.subscribe(COMMENTS, otters);
      const elsewhere = await ben.subscribe(COMMENTS, badgers);

      const written = await ann.query(ADD);

      expect(written.data).toEqual({ addComment: { text: 'They hold hands' } });
      await seenByBen.expectNext({ commentAdded: { author: 'Ann', text: 'They hold hands' } });
      await elsewhere.expectSilence();
      await seenByAnn.expectSilence();
    });

    test('articles for members are refused to others', async () => {
      await using guest = await login('guest', { protocol });

      const refused = await guest.subscribe(COMMENTS, salaries);

      await refused.expectError('This article is for members');
    });

    test('others see who comes and who stops reading', async () => {
      await using ann = await login('ann', { protocol });
      await using ben = await login('ben', { protocol });
      const readers = await ann.subscribe(READERS);

      const comments = await ben.subscribe(COMMENTS, otters);
      await readers.expectNext({ readerChanged: { name: 'Ben', isHere: true } });

      comments.stop();
      await readers.expectNext({ readerChanged: { name: 'Ben', isHere: false } });
    });
  }),
);

test('the route tells those who read', async () => {
  await using ann = await login('ann');
  const comments = await ann.subscribe(COMMENTS, otters);

  const { statusCode } = await app.inject({
    method: 'POST',
    url: '/articles/otters/comments',
    headers: { authorization: 'Bearer token-of-ben' },
    payload: { text: 'So do I' },
  });

  expect(statusCode).toBe(201);
  await comments.expectNext({ commentAdded: { author: 'Ben', text: 'So do I' } });
});

test('nobody connects without a valid token', async () => {
  await using stranger = await connect(app, { init: false });

  stranger.send({ type: 'connection_init', payload: { token: 'stolen' } });

  await stranger.expectClose(4403, 'Your token is not valid');
});

test('who loses the network is gone for others, and back after a reconnect', async () => {
  await using ann = await login('ann');
  const readers = await ann.subscribe(READERS);
  const before = await login('ben');
  await before.subscribe(COMMENTS, otters);
  await readers.expectNext({ readerChanged: { name: 'Ben', isHere: true } });

  before.drop();
  await readers.expectNext({ readerChanged: { name: 'Ben', isHere: false } });

  await using after = await login('ben');
  const comments = await after.subscribe(COMMENTS, otters);
  await readers.expectNext({ readerChanged: { name: 'Ben', isHere: true } });
  await ann.query(ADD);
  await comments.expectNext({ commentAdded: { author: 'Ann', text: 'They hold hands' } });
});

test('a guest is told this much of an article for members', async () => {
  await using guest = await login('guest');
  const refused = await guest.subscribe(COMMENTS, salaries);
  await refused.expectError();

  expect(guest.transcript()).toMatchInlineSnapshot(`
    "   1  → connection_init {"token":"token-of-guest"}
       2  ← connection_ack {"name":"Guest"}
       3  → subscribe op1 {"query":"subscription ($article: String!) { commentAdded(article: $article) { author text } }","variables":{"article":"salaries"},"extensions":{"groupcast":{"v":1,"confirm":true}}}
       4  ← error op1 [{"message":"This article is for members","locations":[{"line":1,"column":36}],"path":["commentAdded"]}]"
  `);
});
