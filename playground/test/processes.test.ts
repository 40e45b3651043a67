import { once } from 'node:events';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { WebSocket } from 'ws';
import {
  type RedisServer,
  startRedis,
} from '../../packages/server-plugin/test/support/redis-server.ts';
import { isRunning, PlaygroundProcess } from './playground-process.ts';
import { Visitor } from './visitor.ts';

const ON_MESSAGE = 'subscription { onMessage(room: "kittens") { author text } }';
const ON_TYPING = 'subscription { onTyping(room: "kittens") { name isTyping } }';
const HISTORY = '{ history(room: "kittens") { author text } }';
const NAMES = ['Ann', 'Ben', 'Cleo', 'Dan', 'Eve', 'Fay'];
const WAIT = { timeout: 15_000, interval: 20 };

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis({ requirepass: 'open-sesame' });
});

afterAll(() => redis?.stop());

async function run(...args: string[]): Promise<PlaygroundProcess> {
  const playground = new PlaygroundProcess(args);
  return playground.ready().catch(async (error: unknown) => {
    await playground[Symbol.asyncDispose]();
    throw error;
  });
}

const runTwo = () => run('--redis', redis.url, '--processes', '2');

/** A socket that was acknowledged; resolves with the code by which it is closed. */
async function openSocket({ url }: PlaygroundProcess): Promise<{ closed: Promise<number> }> {
  const socket = new WebSocket(`${url}/graphql`, 'graphql-transport-ws');
  const closed = once(socket, 'close').then(([code]) => code);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { name: 'Ann' } }));
  await once(socket, 'message');
  return { closed };
}

describe('two processes', () => {
  let playground: PlaygroundProcess;

  beforeAll(async () => {
    playground = await runTwo();
  }, 30_000);

  afterAll(() => playground?.[Symbol.asyncDispose]());
  beforeEach(() => redis.command('FLUSHALL'));

  /** Brings somebody of each name; both processes have some of them. */
  async function bringAll(query: string) {
    const visitors = NAMES.map((name) => new Visitor(playground.url, name, query));
    onTestFinished(async () => {
      await Promise.all(visitors.map((visitor) => visitor[Symbol.asyncDispose]()));
    });
    await Promise.all(visitors.map(({ ready }) => ready));
    const stats = await vi.waitFor(async () => {
      const all = [...(await playground.stats(2)).values()];
      const connections = all.map((each) => each.connections);
      expect(Math.min(...connections)).toBeGreaterThan(0);
      // Those of the test before have gone.
      expect(connections.reduce((sum, each) => sum + each)).toBe(NAMES.length);
      return all;
    }, WAIT);
    return { visitors, stats };
  }

  test('they tell how many they are, and where, without the password of Redis', async () => {
    expect(playground.output).toContain(
      `The playground is ready: ${playground.url}, 2 processes on redis://127.0.0.1:${redis.port} (Ctrl+C ends it)\n`,
    );
    expect(playground.output).not.toContain('open-sesame');
  });

  test('what is said in one is heard in the other, and both tell the same history', async () => {
    const { visitors } = await bringAll(ON_MESSAGE);

    for (const { client } of visitors) {
      await client.mutate('mutation { sendMessage(room: "kittens", text: "Meow") { id } }');
    }

    const said = NAMES.map((author) => ({ author, text: 'Meow' }));
    for (const { name, heard } of visitors) {
      const others = said.filter(({ author }) => author !== name);
      await vi.waitFor(() => expect(heard).toHaveLength(others.length), WAIT);
      // Each was awaited before the next: so they come in this order from both processes.
      expect(heard).toEqual(others.map((message) => ({ onMessage: message })));
    }
    const histories = await Promise.all(visitors.map(({ client }) => client.query(HISTORY)));
    expect(histories).toEqual(visitors.map(() => ({ history: said })));
  });

  test('who types in one is seen in the other', async () => {
    const { visitors } = await bringAll(ON_TYPING);
    const [ann, ...others] = visitors;

    await ann?.client.mutate('mutation { setTyping(room: "kittens", isTyping: true) }');

    const expected = [{ onTyping: { name: 'Ann', isTyping: true } }];
    for (const { heard } of others) await vi.waitFor(() => expect(heard).toEqual(expected), WAIT);
  });

  test('one that dies is replaced, and its visitors come back and hear again', async () => {
    const { visitors, stats } = await bringAll(ON_MESSAGE);
    const [dead] = stats;
    if (!dead) throw new Error('No process has answered');

    process.kill(dead.pid, 'SIGKILL');
    await vi.waitFor(() => {
      const back = visitors.filter(({ reasons }) => reasons.includes('reconnected'));
      expect(back).toHaveLength(dead.connections);
    }, WAIT);
    await playground.post('kittens', 'again');

    for (const { heard } of visitors) {
      const expected = [{ onMessage: { author: 'curl', text: 'again' } }];
      await vi.waitFor(() => expect(heard).toEqual(expected), WAIT);
    }
    expect(playground.output).toMatch(
      new RegExp(`^Process ${dead.pid} has ended \\(SIGKILL\\), another starts in 100 ms$`, 'm'),
    );
    await vi.waitFor(async () => {
      expect([...(await playground.stats(2)).keys()]).not.toContain(dead.pid);
    }, WAIT);
  });
});

// Each starts its own, which takes long enough to do it at once.
describe.concurrent('a playground', { timeout: 60_000 }, () => {
  test.each([
    ['SIGTERM', 'SIGTERM', false],
    ['Ctrl+C, which reaches each of them', 'SIGINT', true],
  ] as const)('of two processes lets all clients go at a %s', async (_title, signal, toAll) => {
    await using playground = await runTwo();
    const sockets = await Promise.all(NAMES.map(() => openSocket(playground)));
    const pids = [...(await playground.stats(2)).keys()];

    playground.signal(signal, { toAll });

    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual(NAMES.map(() => 1012));
    expect(await playground.ended()).toEqual({ code: 0, signal: null });
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('of which a process does nothing any more is ended by who insists', async () => {
    await using playground = await runTwo();
    const [frozen = 0, other = 0] = (await playground.stats(2)).keys();
    process.kill(frozen, 'SIGSTOP');
    const start = performance.now();

    playground.signal('SIGINT');
    await vi.waitFor(() => expect(isRunning(other)).toBe(false), WAIT);
    // Until then a signal counts as the same Ctrl+C.
    await vi.waitFor(() => expect(performance.now() - start).toBeGreaterThan(600), WAIT);
    playground.signal('SIGINT');

    expect(await playground.ended()).toEqual({ code: 1, signal: null });
    expect(isRunning(frozen)).toBe(false);
  });

  test('whose port is taken says so once, whatever the number of its processes', async () => {
    await using first = await run();
    const { port } = new URL(first.url);
    const args = ['--redis', redis.url, '--processes', '4'];
    await using second = new PlaygroundProcess(args, { PORT: port });

    expect(await second.ended()).toEqual({ code: 1, signal: null });
    expect(second.output).toBe(
      `Port ${port} of 127.0.0.1 is taken. PORT=0 npm start takes a free one\n`,
    );
  });

  test('without Redis starts, says so, refuses messages, and goes on when Redis is there', async () => {
    await using ownRedis = await startRedis();
    await ownRedis.kill();

    await using playground = await run('--redis', ownRedis.url);
    await using visitor = new Visitor(playground.url, 'Ann', ON_MESSAGE);
    await playground.says(/Redis does not answer/);
    const refused = await playground.post('kittens', 'Is anybody there?');
    await ownRedis.restart();
    await playground.says(/Redis answers now/);
    await visitor.ready;
    const taken = await playground.post('kittens', 'Meow');

    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('Redis does not answer, please try again');
    expect(taken.status).toBe(201);
    const expected = [{ onMessage: { author: 'curl', text: 'Meow' } }];
    await vi.waitFor(() => expect(visitor.heard).toEqual(expected), WAIT);
    expect(playground.output.match(/Redis/g)).toHaveLength(2);
  });
});
