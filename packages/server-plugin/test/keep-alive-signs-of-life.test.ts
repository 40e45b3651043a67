import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeepAlive, type KeptAlive } from '../src/connection/keep-alive.ts';

/** A connection whose figures a test sets, for what no socket shows at will. */
class Figures implements KeptAlive {
  signsOfLife = 0;
  backlogBytes = 0;
  takenBytes = 0;
  unfinishedBytes = 0;
  wantsKa = false;
  pings = 0;
  isDead = false;
  /** Bytes that a ping adds to the backlog until the next turn, as over TLS. */
  pingBytes = 0;

  ping(): void {
    this.pings += 1;
    this.backlogBytes += this.pingBytes;
    setTimeout(() => {
      this.backlogBytes -= this.pingBytes;
      this.takenBytes += this.pingBytes;
    }, 0);
  }

  sendKa(): void {}

  presumeDead(): void {
    this.isDead = true;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Watches a client until it was pinged once: 1,000 ms between pings, 400 ms for an answer. */
function pinged(figures: Partial<Figures> = {}): { client: Figures; keepAlive: KeepAlive } {
  const client = Object.assign(new Figures(), figures);
  const keepAlive = new KeepAlive({ intervalMs: 1_000, timeoutMs: 400, kaMs: 0 });
  keepAlive.add(client);
  vi.advanceTimersByTime(1_001);
  expect(client).toMatchObject({ pings: 1, isDead: false });
  return { client, keepAlive };
}

test('K1 who shows nothing in time is dead, after one more look', () => {
  const { client } = pinged();

  vi.advanceTimersByTime(400);
  expect(client.isDead).toBe(false);
  vi.advanceTimersByTime(100);

  expect(client.isDead).toBe(true);
});

test('K1 an answer that a stall of this process held up counts in that last look', () => {
  const { client } = pinged();

  vi.advanceTimersByTime(400);
  client.signsOfLife += 1;
  vi.advanceTimersByTime(500);

  expect(client.isDead).toBe(false);
});

test.each(['takenBytes', 'unfinishedBytes'] as const)(
  'K1 a backlog whose %s move is a slow download',
  (figure) => {
    const { client } = pinged({ backlogBytes: 10_000 });

    for (let round = 0; round < 20; round += 1) {
      vi.advanceTimersByTime(300);
      client[figure] += 1;
    }

    expect(client.isDead).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(client.isDead).toBe(true);
  },
);

test('K1 a backlog that comes after the ping counts as well when it moves', () => {
  const { client } = pinged();

  client.backlogBytes = 10_000;
  vi.advanceTimersByTime(200);
  client.takenBytes += 1;
  vi.advanceTimersByTime(400);

  expect(client.isDead).toBe(false);
});

test('K1 a backlog that stands still shows nothing', () => {
  const { client } = pinged({ backlogBytes: 10_000 });

  vi.advanceTimersByTime(500);

  expect(client.isDead).toBe(true);
});

test('K1 that the system takes what is sent without a backlog shows nothing', () => {
  const { client } = pinged();

  for (let round = 0; round < 5; round += 1) {
    client.takenBytes += 100;
    vi.advanceTimersByTime(100);
  }

  expect(client.isDead).toBe(true);
});

test('K1 that the system takes the ping itself shows nothing', () => {
  const { client } = pinged({ pingBytes: 2 });

  vi.advanceTimersByTime(500);

  expect(client.isDead).toBe(true);
});

test('K2 the timer stops with the last connection', () => {
  const { client, keepAlive } = pinged();
  const other = new Figures();
  keepAlive.add(other);
  expect(keepAlive.timers).toBe(1);
  expect(vi.getTimerCount()).toBe(1);

  keepAlive.remove(client);
  expect(keepAlive.timers).toBe(1);
  keepAlive.remove(other);

  expect(keepAlive.timers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
