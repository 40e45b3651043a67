import { expect, test } from 'vitest';
import { type Peer, peers } from '../bench/src/peers.mjs';
import { Results } from '../bench/src/results.mjs';
import { run } from '../bench/src/run.mjs';
import { type Scenario, scenarios } from '../bench/src/scenarios.mjs';
import { mainTable, voidLines } from '../bench/src/table.mjs';

const tiny = { isPinned: false, stallMs: 2_000 };

/** Each run starts two processes, and several are under way. */
const TIMEOUT_MS = 60_000;

function scenario(id: string): Scenario {
  const found = scenarios.find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no scenario ${id}`);
  return found;
}

const fanOut: Scenario = {
  ...scenario('B'),
  connections: 6,
  groups: 2,
  warmUp: 2,
  messages: 12,
  perTurn: 4,
  windows: 1,
};

const server: Peer = { name: 'raw', module: 'raw', dialect: 'modern', part: 1, note: '' };

function faulty(fault: string): Peer {
  const module = new URL(`../bench/test/faulty-server.mjs?fault=${fault}`, import.meta.url).href;
  return { ...server, name: 'faulty', module };
}

test.concurrent.each(peers)(
  '$name delivers every message once and in order',
  async (peer) => {
    const outcome = await run({ ...tiny, server: peer, scenario: fanOut });

    expect(outcome).toEqual({
      cpu: expect.any(Number),
      perSecond: expect.any(Number),
      delivered: 42,
      told: 0,
    });
  },
  TIMEOUT_MS,
);

test.concurrent.each<[string, Partial<Scenario>]>([
  ['A', { connections: 6, messages: 4, warmUp: 2 }],
  ['D', { connections: 3, queries: 9, warmUp: 3, windows: 1 }],
  ['E', { connections: 6, warmUp: 2, groups: 2 }],
  ['C', { connections: 6, warmUp: 2, groups: 2 }],
])(
  'ours runs scenario %s',
  async (id, size) => {
    const ours = { ...server, module: 'ours' };

    const outcome = await run({ ...tiny, server: ours, scenario: { ...scenario(id), ...size } });

    expect(outcome.void).toBeUndefined();
  },
  TIMEOUT_MS,
);

test.concurrent.each([
  ['lost', '1 lost'],
  ['reordered', '1 reordered'],
  ['repeated', '1 repeated'],
  ['unexpected', '1 unexpected'],
  ['gone', '1 connections gone'],
])(
  'a run in which a message is %s is void and says so',
  async (fault, said) => {
    const outcome = await run({ ...tiny, server: faulty(fault), scenario: fanOut, stallMs: 500 });

    expect(outcome.void).toContain(said);
    expect(outcome.cpu).toBeUndefined();
  },
  TIMEOUT_MS,
);

test('the table sets ours against raw of the same round, and marks what misses its goal', () => {
  const results = new Results();
  const add = (round: number, name: string, cpu: number): void =>
    results.add({ round, server: name, scenario: 'A', outcome: { cpu, perSecond: 1 } });
  // The machine was half as fast in the second round.
  add(1, 'raw', 10);
  add(1, 'ours', 9);
  add(2, 'raw', 20);
  add(2, 'ours', 18);
  results.add({ round: 3, server: 'ours', scenario: 'A', outcome: { void: '1 lost' } });

  const table = mainTable(results, [scenario('A')], peers);

  expect(table).toMatch(/A +\| ≤ 0\.85x \| 0\.90x +\| 0\.90–0\.90 \| MISSES \| 15\.0 µs/);
  expect(voidLines(results)).toEqual(['VOID A ours, round 3: 1 lost']);
});
