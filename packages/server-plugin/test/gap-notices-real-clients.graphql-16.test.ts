import { LEGACY, MODERN } from '@groupcast/protocol';
import type { FastifyInstance } from 'fastify';
import { createClient } from 'graphql-ws';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { askForGaps, brokerGap, queueGap } from './support/gap.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { message } from './support/start-rooms.ts';
import { startSlow } from './support/start-slow.ts';

type Listen = (url: string, query: string, next: (result: unknown) => void) => void;

const withGraphqlWs: Listen = (url, query, next) => {
  const client = createClient({ url, webSocketImpl: WebSocket });
  onTestFinished(() => client.dispose());
  client.subscribe({ query }, { next, error: next, complete: () => next('complete') });
};

const withLegacy: Listen = (url, query, next) => {
  const client = new SubscriptionClient(url, {}, WebSocket);
  onTestFinished(() => client.close());
  client.request({ query }).subscribe({ next, error: next, complete: () => next('complete') });
};

function urlOf(app: FastifyInstance): string {
  return `${app.listeningOrigin.replace('http', 'ws')}/graphql`;
}

test.each([
  ['graphql-ws', MODERN, withGraphqlWs],
  ['subscriptions-transport-ws', LEGACY, withLegacy],
] as const)(
  'P10 a client of the library %s sees nothing of a queue that drops and a broker that fails',
  async (_library, protocol, listen) => {
    const emitter = new HeldEmitter();
    const slow = await startSlow(
      { protocol, transport: 'socket' },
      { definition: { queueLimit: 2 }, options: { emitter }, extensions: askForGaps },
    );
    const { app, onMessage } = slow;
    const results: unknown[] = [];
    const query = 'subscription { onMessage(rooms: ["red"]) { text } }';
    listen(urlOf(app), query, (result) => results.push(result));
    await expect.poll(() => app.graphqlWs.stats().operations, { interval: 1 }).toBe(2);
    await app.graphqlWs.settled();

    await slow.hold();
    for (const text of ['1', '2', '3']) await slow.send(text);
    emitter.fail('emit', new Error('connection lost'), { times: 1 });
    await expect(slow.send('lost')).rejects.toThrow('connection lost');
    await app.broadcast(onMessage, { group: 'elsewhere', payload: { text: 'up again' } });
    slow.release();
    await app.graphqlWs.settled();
    await slow.send('last');

    await expect.poll(() => results.length, { interval: 1 }).toBeGreaterThanOrEqual(4);
    expect(results).toEqual(['held', '2', '3', 'last'].map((text) => ({ data: message(text) })));
    // Its neighbour, which asked and shares those results, was told.
    await slow.messages.expectNext(message('held'));
    await slow.messages.expectResult(queueGap(1));
    await slow.messages.expectNext(message('2'));
    await slow.messages.expectNext(message('3'));
    await slow.messages.expectResult(brokerGap);
    await slow.messages.expectNext(message('last'));
  },
);
