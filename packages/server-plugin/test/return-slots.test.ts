import { defineSubscription } from '@groupcast/fastify';
import type { TestConnection } from '@groupcast/testing';
import { expect, test } from 'vitest';
import { ReturnSlots } from '../src/connection/return-slots.ts';
import { type StartedApp, startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const onMessage = 'subscription { onMessage { text } }';
const asked = { groupcast: { v: 1, confirm: true } };

/** An app with a subscription of ours and a plain one. */
function startWith(wire: Wire, options: object = {}): Promise<StartedApp> {
  return startApp(wire, {
    typeDefs: `
      type Query { hello: String }
      type Message { text: String }
      type Subscription { onMessage: Message, ticks: Int }
    `,
    resolvers: {
      Subscription: {
        onMessage: defineSubscription({
          subscribe: () => 'red',
          publish: (message: { text: string }) => message,
        }),
        ticks: {
          subscribe: async function* () {
            yield { ticks: 1 };
          },
        },
      },
    },
    ...options,
  });
}

/** One after the other, as they come when nobody knows how many will. */
async function gather({ connect }: StartedApp, count: number): Promise<TestConnection[]> {
  const clients: TestConnection[] = [];
  while (clients.length < count) clients.push(await connect());
  return clients;
}

/** What a client is told beside the fact that its subscription is live. */
async function toldWait(client: TestConnection, query: string = onMessage): Promise<unknown> {
  const { data, extensions } = await client.start(query, { extensions: asked }).next();
  const { retryAfterMs = 0, ...rest } = Object(extensions?.['groupcast']);
  expect({ data, rest }).toEqual({ data: null, rest: { v: 1, confirmed: true } });
  return retryAfterMs;
}

async function toldWaits(clients: readonly TestConnection[]): Promise<unknown[]> {
  const waits: unknown[] = [];
  for (const client of clients) waits.push(await toldWait(client));
  return waits;
}

describeBoth('the wait that a server names for the case that it dies without a word', (wire) => {
  test('T42 each further connection is told 20 ms more, also while they gather', async () => {
    const clients = await gather(await startWith(wire), 40);

    const expected = clients.map((_, index) => (index < 5 ? 0 : 20 * index));
    expect(await toldWaits(clients)).toEqual(expected);
  });

  test('T42 few connections are told nothing', async () => {
    const clients = await gather(await startWith(wire), 5);

    for (const client of clients) {
      await client.start(onMessage, { extensions: asked }).next();
      expect(client.transcript()).toContain(
        '{"data":null,"extensions":{"groupcast":{"v":1,"confirmed":true}}}',
      );
    }
  });

  test('T42 a connection is told the same in each confirmation, plain subscriptions included', async () => {
    const [client] = (await gather(await startWith(wire), 10)).slice(-1);
    if (client === undefined) throw new Error('Nobody came');

    for (const query of [onMessage, 'subscription { ticks }', onMessage]) {
      expect(await toldWait(client, query)).toBe(180);
    }
  });

  test('T42 who comes after others have left is told the shortest wait that is free', async () => {
    const started = await startWith(wire);
    const clients = await gather(started, 12);
    for (const index of [7, 9]) clients[index]?.terminate();
    await expect.poll(() => started.app.graphqlWs.stats().connections).toBe(10);

    expect(await toldWaits(await gather(started, 3))).toEqual([140, 180, 240]);
  });

  test('T42 who does not ask is told nothing of it', async () => {
    for (const confirmSubscriptions of [false, true]) {
      const started = await startWith(wire, { confirmSubscriptions });
      for (const client of await gather(started, 10)) {
        const messages = client.start(onMessage);
        if (confirmSubscriptions) await messages.expectResult({ data: null });
        else await messages.expectSilence();
        expect(client.transcript()).not.toContain('groupcast');
      }
    }
  });
});

test('T42 no wait is longer than 10 seconds, and each is given equally often', () => {
  const slots = new ReturnSlots();

  const taken = Array.from({ length: 1_500 }, () => slots.take().retryAfterMs);

  expect(taken.slice(0, 500)).toEqual(taken.slice(500, 1_000));
  expect(taken.slice(0, 500)).toEqual(taken.slice(1_000));
  expect(new Set(taken.slice(0, 500)).size).toBe(496);
  expect(Math.max(...taken)).toBe(9_980);
});
