import { connect, expectNoLeaks, heldBroker } from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { type AppOptions, buildApp } from '../../src/build-app.ts';

async function startApp(options: AppOptions): Promise<FastifyInstance> {
  const app = await buildApp(options);
  onTestFinished(async () => {
    await expectNoLeaks(app);
    await app.close();
  });
  return app;
}

function comment(app: FastifyInstance) {
  return app.inject({
    method: 'POST',
    url: '/articles/otters/comments',
    headers: { authorization: 'Bearer token-of-ben' },
    payload: { text: 'So do I' },
  });
}

test('a comment that is written in one process reaches the readers of another', async () => {
  const broker = heldBroker();
  const here = await startApp({ emitter: broker.emitter });
  const there = await startApp({ emitter: broker.peer().emitter });
  await using ann = await connect(there, { params: { token: 'token-of-ann' } });
  const comments = await ann.subscribe('subscription { commentAdded(article: "otters") { text } }');

  expect(await comment(here)).toMatchObject({ statusCode: 201 });

  await comments.expectNext({ commentAdded: { text: 'So do I' } });
  await comments.expectSilence();
});

test('comments are refused while the broker is away, and heard when it is back', async () => {
  const broker = heldBroker();
  const app = await startApp({ emitter: broker.emitter });
  await using ann = await connect(app, { params: { token: 'token-of-ann' } });
  const comments = await ann.subscribe('subscription { commentAdded(article: "otters") { text } }');

  broker.down();
  expect(await comment(app)).toMatchObject({ statusCode: 503 });
  await comments.expectSilence();

  broker.back();
  expect(await comment(app)).toMatchObject({ statusCode: 201 });
  await comments.expectNext({ commentAdded: { text: 'So do I' } });
});
