import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPlayground } from '../src/server/create-playground.ts';
import { connectGraphqlWs, connectLegacy, type RealClient, type Result } from './real-clients.ts';
import { StartedOperation } from './started-operation.ts';

const ON_MESSAGE = 'subscription { onMessage(room: "kittens") { text } }';

describe.each([
  ['graphql-ws', connectGraphqlWs],
  ['subscriptions-transport-ws', connectLegacy],
])('with the library %s', (_library, connect) => {
  let app: FastifyInstance;
  let url: string;
  let client: RealClient;

  beforeEach(async () => {
    app = await createPlayground();
    url = await app.listen({ host: '127.0.0.1', port: 0 });
    client = connect(`${url}/graphql`, { name: 'Alice' });
  });

  afterEach(async () => {
    client.close();
    await app.close();
  });

  async function run(query: string): Promise<Result> {
    const operation = new StartedOperation(client, query);
    const result = await operation.next();
    await operation.ended;
    return result;
  }

  async function post(text: string): Promise<void> {
    const response = await fetch(`${url}/rooms/kittens/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ author: 'curl', text }),
    });
    expect(response.status).toBe(201);
  }

  test('a query and a mutation are answered', async () => {
    const sent = await run(
      'mutation { sendMessage(room: "kittens", text: "Hello") { author text } }',
    );
    const history = await run('{ history(room: "kittens") { text } }');

    expect(sent.data).toEqual({ sendMessage: { author: 'Alice', text: 'Hello' } });
    expect(history.data).toEqual({ history: [{ text: 'Hello' }] });
  });

  test('a message posted to the HTTP route arrives', async () => {
    const messages = new StartedOperation(client, ON_MESSAGE);
    await messages.live();

    await post('one');
    await post('two');

    expect((await messages.next()).data).toEqual({ onMessage: { text: 'one' } });
    expect((await messages.next()).data).toEqual({ onMessage: { text: 'two' } });
  });

  test('50 subscriptions at once hear the same message once each', async () => {
    const all = Array.from({ length: 50 }, () => new StartedOperation(client, ON_MESSAGE));
    await Promise.all(all.map((each) => each.live()));

    await post('to all');
    const results = await Promise.all(all.map((each) => each.next()));
    await run('{ rooms }');

    expect(results.map(({ data }) => data)).toEqual(
      all.map(() => ({ onMessage: { text: 'to all' } })),
    );
    expect(all.map(({ unread }) => unread)).toEqual(all.map(() => 0));
  });

  test('a client that the server cut off reconnects and hears again', async () => {
    const messages = new StartedOperation(client, ON_MESSAGE);
    await messages.live();

    await app.graphqlWs.disconnect({ tag: 'Alice', code: 4000, reason: 'Come back' });
    await messages.live();
    await post('again');

    expect((await messages.next()).data).toEqual({ onMessage: { text: 'again' } });
  });

  test('a client without a name is refused and told why', async () => {
    const nobody = connect(`${url}/graphql`, { name: '' });

    const reason = await nobody.refused;

    expect(reason).toBe('Give a name of 1 to 40 characters in connection_init');
    nobody.close();
  });

  test('a stopped subscription hears nothing more', async () => {
    const messages = new StartedOperation(client, ON_MESSAGE);
    await messages.live();

    messages.stop();
    await run('{ rooms }');
    await app.graphqlWs.settled();
    await post('too late');
    await run('{ rooms }');

    expect(messages.unread).toBe(0);
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 1, operations: 0, members: 0 });
  });
});
