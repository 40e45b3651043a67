import { connect, expectNoLeaks, forEachProtocol } from '@groupcast/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buildApp } from '#app/build-app';

const COMMENTS =
  'subscription ($article: String!) { commentAdded(article: $article) { author text } }';
const READERS = 'subscription { readerChanged(article: "otters") { name isHere } }';
const ADD = 'mutation { addComment(article: "otters", text: "They hold hands") { text } }';

const otters = { variables: { article: 'otters' } };
const badgers = { variables: { article: 'badgers' } };
const salaries = { variables: { article: 'salaries' } };

/** @type {import('fastify').FastifyInstance} */
let app;
/** @type {import('@groupcast/testing').TestConnection[]} */
let connections = [];

beforeEach(async () => {
  app = await buildApp();
});

// Node 20 has no `await using`, which would close each connection at the end of its test.
afterEach(async () => {
  for (const connection of connections) await connection.close();
  connections = [];
  await expectNoLeaks(app);
  await app.close();
});

/**
 * @param {string} name
 * @param {import('@groupcast/testing').ConnectOptions} [options]
 */
async function login(name, options) {
  const connection = await connect(app, { params: { token: `token-of-${name}` }, ...options });
  connections.push(connection);
  return connection;
}

forEachProtocol((protocol) => {
  describe(`comments over ${protocol}`, () => {
    test('reach those who read the article, and not their author', async () => {
      const ann = await login('ann', { protocol });
      const ben = await login('ben', { protocol });
      const seenByAnn = await ann.subscribe(COMMENTS, otters);
      const seenByBen = await ben.subscribe(COMMENTS, otters);
      const elsewhere = await ben.subscribe(COMMENTS, badgers);

      const written = await ann.query(ADD);

      expect(written.data).toEqual({ addComment: { text: 'They hold hands' } });
      await seenByBen.expectNext({ commentAdded: { author: 'Ann', text: 'They hold hands' } });
      await elsewhere.expectSilence();
      await seenByAnn.expectSilence();
    });

    test('are refused to others when the article is for members', async () => {
      const guest = await login('guest', { protocol });

      const refused = await guest.subscribe(COMMENTS, salaries);

      await refused.expectError('This article is for members');
    });

    test('have readers, who are seen to come and to stop', async () => {
      const ann = await login('ann', { protocol });
      const ben = await login('ben', { protocol });
      const readers = await ann.subscribe(READERS);

      const comments = await ben.subscribe(COMMENTS, otters);
      await readers.expectNext({ readerChanged: { name: 'Ben', isHere: true } });

      comments.stop();
      await readers.expectNext({ readerChanged: { name: 'Ben', isHere: false } });
    });
  });
});

test('the route tells those who read', async () => {
  const ann = await login('ann');
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
  await expect(connect(app, { params: { token: 'stolen' } })).rejects.toThrow(
    'closed with 4403 "Your token is not valid"',
  );
});

test('who loses the network is gone for others', async () => {
  const ann = await login('ann');
  const ben = await login('ben');
  const readers = await ann.subscribe(READERS);
  await ben.subscribe(COMMENTS, otters);
  await readers.expectNext({ readerChanged: { name: 'Ben', isHere: true } });

  ben.drop();

  await readers.expectNext({ readerChanged: { name: 'Ben', isHere: false } });
});

test('a guest is told this much of an article for members', async () => {
  const guest = await login('guest');
  const refused = await guest.subscribe(COMMENTS, salaries);
  await refused.expectError();

  expect(guest.transcript()).toMatchInlineSnapshot(`
    "   1  → connection_init {"token":"token-of-guest"}
       2  ← connection_ack {"name":"Guest"}
       3  → subscribe op1 {"query":"subscription ($article: String!) { commentAdded(article: $article) { author text } }","variables":{"article":"salaries"},"extensions":{"groupcast":{"v":1,"confirm":true}}}
       4  ← error op1 [{"message":"This article is for members","locations":[{"line":1,"column":36}],"path":["commentAdded"]}]"
  `);
});
