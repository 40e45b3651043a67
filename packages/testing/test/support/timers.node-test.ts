import assert from 'node:assert';
import { afterEach, mock, test } from 'node:test';
import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import { connect, expectNoLeaks } from '@groupcast/testing';
import Fastify, { type FastifyInstance } from 'fastify';

const onMessage = defineSubscription({
  subscribe: () => 'all',
  publish: (message: { text: string }) => message,
});

async function startApp(): Promise<FastifyInstance> {
  const app = Fastify();
  const schema = makeExecutableSchema({
    typeDefs: `
      type Message { text: String! }
      type Query { hello: String }
      type Subscription { onMessage: Message! }
    `,
    resolvers: { Subscription: { onMessage } },
  });
  await app.register(groupcast, { schema, drainMs: 0, keepAlive: false });
  return app;
}

let app: FastifyInstance | undefined;

afterEach(async () => {
  // First the timers: what closes waits for real ones.
  mock.timers.reset();
  await app?.close();
});

test("works under the defaults of node:test's mock.timers", async () => {
  mock.timers.enable();
  app = await startApp();
  const alice = await connect(app);
  const messages = await alice.subscribe('subscription { onMessage { text } }');
  await messages.expectSilence();
  const late = { group: 'all', payload: { text: 'late' } };
  const { broadcast } = app;
  setTimeout(() => void broadcast(onMessage, late), 60_000);

  await messages.expectSilence();
  mock.timers.tick(60_000);
  await messages.expectNext({ onMessage: { text: 'late' } });
  await alice.close();
  await expectNoLeaks(app);
});

test('says that timers are faked when nothing comes', async () => {
  mock.timers.enable();
  app = await startApp();
  const alice = await connect(app, { timeoutMs: 100 });

  await assert.rejects(alice.receive(), /nothing came within 100 ms\nTimers are faked/);
  await alice.close();
});

test('says at once when process.nextTick is faked', async () => {
  app = await startApp();
  const { nextTick } = process;
  process.nextTick = () => {};
  const connecting = connect(app);
  process.nextTick = nextTick;

  await assert.rejects(connecting, /process\.nextTick is faked/);
});
