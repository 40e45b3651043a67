import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import Fastify from 'fastify';
import mqemitter from 'mqemitter';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Continuity, createClient, modern } from '../src/index.ts';
import { legacy } from '../src/legacy.ts';

const HEAR = 'subscription { onText }';
const LIVE = { state: 'live', reason: 'subscribed' } as const;

const wires = [
  ['graphql-transport-ws', modern],
  ['graphql-ws', legacy],
] as const;

/** A server whose publish waits until the test lets it, and whose broker can fail. */
async function startTexts() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const onText = defineSubscription({
    subscribe: () => undefined,
    queueLimit: 2,
    share: false,
    publish: async (text: string) => {
      await opened;
      return text;
    },
  });
  const broker = mqemitter();
  let isBrokerDown = false;
  let losing = false;
  const emitter = {
    ...bound(broker),
    emit(message: Parameters<typeof broker.emit>[0], done?: (error?: Error) => void) {
      if (isBrokerDown) done?.(new Error('The broker is down'));
      else if (losing) done?.();
      else broker.emit(message, done);
    },
  };
  const app = Fastify();
  const schema = makeExecutableSchema({
    typeDefs: 'type Query { hello: String } type Subscription { onText: String }',
    resolvers: { Subscription: { onText } },
  });
  await app.register(groupcast, { schema, emitter: emitter as typeof broker, drainMs: 0 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const say = (text: string): Promise<unknown> => app.broadcast(onText, { payload: text });
  const outage = async (lost: string): Promise<void> => {
    isBrokerDown = true;
    await expect(say(lost)).rejects.toThrow('The broker is down');
    isBrokerDown = false;
  };
  /** The broker says that it has taken them, and delivers none. */
  const lose = async (...texts: readonly string[]): Promise<void> => {
    losing = true;
    for (const text of texts) await say(text);
    losing = false;
  };
  return { url: `${url}/graphql`, app, say, outage, lose, open };
}

function bound(broker: ReturnType<typeof mqemitter>) {
  return {
    on: broker.on.bind(broker),
    removeListener: broker.removeListener.bind(broker),
    close: broker.close.bind(broker),
  };
}

test.each(wires)(
  'over %s a drop that the server reports is told before the next event',
  async (_name, protocol) => {
    const { url, app, say, open } = await startTexts();
    const client = createClient({ url, webSocket: WebSocket, protocols: [protocol] });
    onTestFinished(() => client.close());
    const story: (Continuity | unknown)[] = [];
    const subscription = client.subscribe<{ onText: string }>(
      HEAR,
      {},
      {
        onContinuity: (continuity) => story.push(continuity),
      },
    );
    await subscription.ready;

    // One is on its way, two wait, and two more push out the oldest of those.
    for (const text of ['a', 'b', 'c', 'd', 'e']) await say(text);
    open();
    for await (const { onText } of subscription) {
      story.push(onText);
      if (onText === 'e') break;
    }

    expect(story).toEqual([LIVE, 'a', { state: 'gap', reason: 'queue', dropped: 2 }, 'd', 'e']);
    expect(app.graphqlWs.stats().dropped).toBe(2);
  },
);

test.each(wires)(
  'over %s an outage of the broker is told before the next event',
  async (_name, protocol) => {
    const { url, say, outage, open } = await startTexts();
    const client = createClient({ url, webSocket: WebSocket, protocols: [protocol] });
    onTestFinished(() => client.close());
    open();
    const story: (Continuity | unknown)[] = [];
    const subscription = client.subscribe<{ onText: string }>(
      HEAR,
      {},
      {
        onContinuity: (continuity) => story.push(continuity),
      },
    );
    const loop = (async () => {
      for await (const { onText } of subscription) {
        story.push(onText);
        if (onText === 'c') break;
      }
    })();
    await subscription.ready;

    await say('a');
    await outage('b');
    // The first that works shows that the broker is back.
    await say('back');
    await say('c');
    await loop;

    expect(story.slice(0, 2)).toEqual([LIVE, 'a']);
    expect(story.slice(2)).toContainEqual({ state: 'gap', reason: 'broker' });
    expect(story.indexOf('c')).toBe(story.length - 1);
  },
);

test.each(wires)(
  'over %s events that were lost between processes are told with their number, before the next event',
  async (_name, protocol) => {
    const { url, app, say, lose, open } = await startTexts();
    const client = createClient({ url, webSocket: WebSocket, protocols: [protocol] });
    onTestFinished(() => client.close());
    open();
    const story: (Continuity | unknown)[] = [];
    const subscription = client.subscribe<{ onText: string }>(
      HEAR,
      {},
      {
        onContinuity: (continuity) => story.push(continuity),
      },
    );
    await subscription.ready;

    await say('a');
    await lose('b', 'c', 'd');
    await say('e');
    for await (const { onText } of subscription) {
      story.push(onText);
      if (onText === 'e') break;
    }

    expect(story).toEqual([LIVE, 'a', { state: 'gap', reason: 'broker', dropped: 3 }, 'e']);
    expect(app.graphqlWs.stats().lost).toBe(3);
  },
);
