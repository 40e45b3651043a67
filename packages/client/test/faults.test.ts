import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ClientCodec, createClient, modern, type Subscription } from '../src/index.ts';
import { legacy } from '../src/legacy.ts';
import { BadLine } from './support/bad-line.ts';
import { clientTimers } from './support/client-timers.ts';
import { Mutations } from './support/mutations.ts';
import { type Random, seeded, whole } from './support/seeded.ts';
import { Tape, turns, until } from './support/tape.ts';

/** Another one may be given, to repeat a failure or to search for one. */
const SEED = Number(process.env['GROUPCAST_SEED'] ?? 1);

const ROOM = 'red';

interface Numbered {
  readonly onNumber: number;
}

/** A client behind a bad line, with one subscription; its times are as short as can be. */
async function oneListener(protocol: ClientCodec) {
  const line = await BadLine.open({ keepAlive: { intervalMs: 30, timeoutMs: 30, kaMs: 10 } });
  onTestFinished(() => line.close());
  const retries = seeded(SEED + 1);
  const sockets: WebSocket[] = [];
  const client = createClient({
    url: line.url,
    webSocket: class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    },
    protocols: [protocol],
    retryDelayMs: () => retries() * 5,
    keepAlive: { intervalMs: 30, timeoutMs: 30, kaTimeoutMs: 60 },
    connectTimeoutMs: 80,
    queueTimeoutMs: 50,
  });
  const tape = new Tape();
  client.on('status', () => tape.touch());
  const { signal } = new AbortController();
  const subscription = client.subscribe<Numbered>(
    `subscription { onNumber(room: "${ROOM}") }`,
    {},
    // Few, so that a consumer who is slow at times loses events, too.
    { signal, bufferLimit: 10, onContinuity: (continuity) => tape.put(continuity) },
  );
  const end = consume(subscription, tape, seeded(SEED + 2));
  await subscription.ready;
  return { line, client, tape, signal, sockets, end };
}

type Listener = Awaited<ReturnType<typeof oneListener>>;

/** Puts all on the tape until the end; resolves with how that came. */
async function consume(
  subscription: Subscription<Numbered>,
  tape: Tape,
  random: Random,
): Promise<unknown> {
  try {
    for await (const { onNumber } of subscription) {
      tape.put(onNumber);
      if (random() < 0.1) await turns(whole(random, 1, 30));
    }
    return 'completed';
  } catch (error) {
    return error;
  }
}

/** Publishes and sends what the seed says. */
function createTraffic({ line, client, tape }: Listener, random: Random) {
  const mutations = new Mutations(client);
  const held: string[] = [];
  let published = 0;
  const publish = async (): Promise<void> => {
    published += 1;
    await line.server.broadcast('onNumber', ROOM, published);
  };
  const hear = async (): Promise<void> => {
    const { changes } = tape;
    await publish();
    await tape.moves(changes);
  };
  const act = async (): Promise<void> => {
    const dice = random();
    if (dice < 0.2) mutations.send('increment');
    else if (dice < 0.35) held.push(mutations.send('slowIncrement'));
    else if (dice < 0.45) line.ledger.release(held.shift() ?? '');
    else {
      const most = dice < 0.55 ? 30 : 5;
      for (let count = whole(random, 1, most); count > 0; count -= 1) await publish();
    }
  };
  return {
    mutations,
    hear,
    published: () => published,
    some: async (): Promise<void> => {
      for (let count = whole(random, 1, 4); count > 0; count -= 1) {
        await act();
        await turns(whole(random, 0, 5));
      }
    },
    /** Publishes until the newest is heard: the line works. */
    catchUp: async (): Promise<void> => {
      do {
        await hear();
        // What is still on its way comes without a further one.
        while (tape.newest < published && (await tape.moves(tape.changes)));
      } while (tape.newest < published);
    },
    /** Resolves when all mutations have ended. */
    finish: async (): Promise<void> => {
      for (const key of held) line.ledger.release(key);
      await mutations.settled();
    },
  };
}

function isOpen({ readyState }: WebSocket): boolean {
  return readyState !== WebSocket.CLOSED;
}

/** What nobody has caught while the test runs. */
function unhandledRejections(): readonly unknown[] {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  return rejections;
}

/** Fails unless each was executed at most once, and who was told a result or a reason was told the truth. */
function expectAtMostOnce({ outcomes }: Mutations, executions: (key: string) => number): void {
  for (const [key, outcome] of outcomes) {
    const count = executions(key);
    if (outcome === 'done') {
      expect(count, key).toBe(1);
      continue;
    }
    expect(count, key).toBeLessThanOrEqual(outcome.code === 'NOT_CONNECTED' ? 0 : 1);
    expect(outcome.code, key).toMatch(/^(CONNECTION_LOST|NOT_CONNECTED)$/);
    expect(outcome.retryable, key).toBe(true);
  }
}

test.each([
  { faults: 300, protocol: modern },
  { faults: 100, protocol: legacy },
])(
  `$faults faults of the line run no mutation twice and lose no event unsaid, over $protocol.subprotocol (seed ${SEED})`,
  async ({ faults, protocol }) => {
    const rejections = unhandledRejections();
    const timers = clientTimers();
    const listener = await oneListener(protocol);
    const { line, client, tape, signal, sockets, end } = listener;
    const random = seeded(SEED);
    const traffic = createTraffic(listener, random);
    const { mutations } = traffic;
    const scene = { random, tape, client, traffic: traffic.some, hear: traffic.hear };

    for (let count = 0; count < faults; count += 1) {
      await traffic.some();
      await line.fail(scene);
      await until('only one socket is left', () => sockets.filter(isOpen).length <= 1);
      if (random() < 0.4) await traffic.catchUp();
    }
    await traffic.catchUp();
    await traffic.finish();
    await client.close();
    // Until async_hooks have told of the last ones.
    await turns(2);

    expect([...timers]).toEqual([]);
    expect(sockets.filter(isOpen)).toEqual([]);
    for (const each of [signal, mutations.signal]) {
      expect(getEventListeners(each, 'abort')).toEqual([]);
    }
    await line.isLeft();
    tape.expectTruth();
    expectAtMostOnce(mutations, (key) => line.ledger.executions(key));
    expect(await end).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(rejections).toEqual([]);
    // Or nothing was proved.
    const outcomes = [...mutations.outcomes.values()];
    expect(tape.numbers.length).toBeGreaterThan(faults);
    expect(traffic.published() - tape.numbers.length).toBeGreaterThan(faults);
    expect(tape.gaps('reconnected')).toBeGreaterThan(faults / 3);
    expect(tape.gaps('buffer')).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome === 'done').length).toBeGreaterThan(faults / 6);
  },
  60_000,
);
