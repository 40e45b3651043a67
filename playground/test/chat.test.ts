import { connect, forEachProtocol, type TestConnection } from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HISTORY_LENGTH } from '../src/server/chat-store.ts';
import { createPlayground } from '../src/server/create-playground.ts';

const ON_MESSAGE = 'subscription ($room: String!) { onMessage(room: $room) { author text } }';
const ON_TYPING = 'subscription { onTyping(room: "kittens") { name isTyping } }';
const HISTORY = 'query ($room: String!) { history(room: $room) { author text } }';

forEachProtocol((protocol) =>
  describe(protocol, () => {
    let app: FastifyInstance;
    let alice: TestConnection;
    let bob: TestConnection;

    beforeEach(async () => {
      app = await createPlayground({ countdownIntervalMs: 1 });
      alice = await connect(app, { protocol, params: { name: 'Alice' } });
      bob = await connect(app, { protocol, params: { name: 'Bob' } });
    });

    afterEach(() => app.close());

    const post = (room: string, payload: object) =>
      app.inject({ method: 'POST', url: `/rooms/${room}/messages`, payload });
    const say = (who: TestConnection, room: string, text: string) =>
      who.query(
        'mutation ($room: String!, $text: String!) { sendMessage(room: $room, text: $text) { author text sentAt } }',
        { variables: { room, text } },
      );

    test('a message posted to the HTTP route reaches those in its room only', async () => {
      const inKittens = await alice.subscribe(ON_MESSAGE, { variables: { room: 'kittens' } });
      const inPuppies = await bob.subscribe(ON_MESSAGE, { variables: { room: 'puppies' } });

      const response = await post('kittens', { author: 'curl', text: 'Meow' });

      expect(response.statusCode).toBe(201);
      expect(response.json()).toMatchObject({ room: 'kittens', author: 'curl', text: 'Meow' });
      await inKittens.expectNext({ onMessage: { author: 'curl', text: 'Meow' } });
      await inPuppies.expectSilence();
    });

    test('authors are not notified of their own messages', async () => {
      const forAlice = await alice.subscribe(ON_MESSAGE, { variables: { room: 'kittens' } });
      const forBob = await bob.subscribe(ON_MESSAGE, { variables: { room: 'kittens' } });

      const { data } = await say(alice, 'kittens', 'Hello');

      expect(data).toMatchObject({
        sendMessage: {
          author: 'Alice',
          text: 'Hello',
          sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
      });
      await forBob.expectNext({ onMessage: { author: 'Alice', text: 'Hello' } });
      await forAlice.expectSilence();
    });

    test('others see who is typing, oneself does not', async () => {
      const forAlice = await alice.subscribe(ON_TYPING);
      const forBob = await bob.subscribe(ON_TYPING);

      await alice.query('mutation { setTyping(room: "kittens", isTyping: true) }');
      await forBob.expectNext({ onTyping: { name: 'Alice', isTyping: true } });
      await alice.query('mutation { setTyping(room: "kittens", isTyping: false) }');
      await forBob.expectNext({ onTyping: { name: 'Alice', isTyping: false } });

      await forAlice.expectSilence();
    });

    test('a countdown counts down to 0 and completes', async () => {
      const countdown = alice.start('subscription { countdown(from: 3) }');

      for (const left of [3, 2, 1, 0]) await countdown.expectNext({ countdown: left });
      await countdown.expectComplete();
    });

    test('a stopped countdown leaves nothing running', async () => {
      const slowApp = await createPlayground({ countdownIntervalMs: 60_000 });
      const client = await connect(slowApp, { protocol, params: { name: 'Alice' } });
      const countdown = await client.subscribe('subscription { countdown(from: 3) }');
      await countdown.expectNext({ countdown: 3 });

      countdown.stop();
      if (protocol === 'graphql-ws') await countdown.expectComplete();
      await countdown.expectSilence();

      expect(slowApp.graphqlWs.stats().operations).toBe(0);
      await slowApp.close();
    });

    test('a countdown from nonsense is refused', async () => {
      const countdown = alice.start('subscription { countdown(from: -1) }');

      await countdown.expectError('Count from 0 to 3600');
    });

    test('the history holds what was said by either way, the oldest first', async () => {
      await say(alice, 'otters', 'First');
      await post('otters', { author: 'curl', text: 'Second' });

      const { data } = await bob.query(HISTORY, { variables: { room: 'otters' } });

      expect(data).toEqual({
        history: [
          { author: 'Alice', text: 'First' },
          { author: 'curl', text: 'Second' },
        ],
      });
    });

    test('all rooms are listed', async () => {
      expect(await alice.query('{ rooms }')).toEqual({
        data: { rooms: ['kittens', 'puppies', 'otters'] },
      });
    });

    test.each([
      'subscription { onMessage(room: "x") { id } }',
      'subscription { onTyping(room: "x") { name } }',
    ])('nobody can listen where there is no room: %s', async (query) => {
      await alice.start(query).expectError('There is no room "x"');
    });

    test('a blank message is refused by its mutation', async () => {
      const { errors } = await say(alice, 'kittens', '  ');

      expect(errors).toMatchObject([{ message: 'A message has 1 to 2000 characters' }]);
    });
  }),
);

describe('the HTTP route', () => {
  test.each([
    ['without text', 'kittens', { author: 'curl' }, 400],
    ['of blanks', 'kittens', { author: 'curl', text: ' \n' }, 400],
    ['without author', 'kittens', { author: '', text: 'Hi' }, 400],
    ['too long', 'kittens', { author: 'curl', text: 'x'.repeat(2_001) }, 400],
    ['for no room', 'nowhere', { author: 'curl', text: 'Hi' }, 404],
  ])('a message %s is refused', async (_case, room, payload, statusCode) => {
    const app = await createPlayground();

    const response = await app.inject({ method: 'POST', url: `/rooms/${room}/messages`, payload });

    expect(response.statusCode).toBe(statusCode);
    await app.close();
  });

  test('a room keeps its latest messages only', async () => {
    const app = await createPlayground();
    const client = await connect(app, { params: { name: 'Alice' } });
    for (let n = 0; n <= HISTORY_LENGTH; n += 1) {
      const payload = { author: 'curl', text: `${n}` };
      await app.inject({ method: 'POST', url: '/rooms/kittens/messages', payload });
    }

    const { data } = await client.query('{ history(room: "kittens") { text } }');

    const expected = Array.from({ length: HISTORY_LENGTH }, (_, index) => ({
      text: `${index + 1}`,
    }));
    expect(data).toEqual({ history: expected });
    await app.close();
  });

  test('the figures of the server are at /stats', async () => {
    const app = await createPlayground();
    await connect(app, { params: { name: 'Alice' } });

    const response = await app.inject('/stats');

    expect(response.json()).toMatchObject({ connections: 1, operations: 0 });
    await app.close();
  });
});

test.each([[{}], [{ name: '' }], [{ name: '  ' }], [{ name: 7 }], [{ name: 'x'.repeat(41) }]])(
  'who gives the name %j is refused and told why',
  async (params) => {
    const app = await createPlayground();
    const client = await connect(app, { init: false });

    client.send({ type: 'connection_init', payload: params });

    await client.expectClose(4403, 'Give a name of 1 to 40 characters in connection_init');
    await app.close();
  },
);
