import { expect, test } from 'vitest';
import { checkedServers, checks, checksTable } from '../bench/src/checks.mjs';
import type { Peer } from '../bench/src/peers.mjs';
import { Results } from '../bench/src/results.mjs';
import { type Outcome, run } from '../bench/src/run.mjs';
import type { Scenario } from '../bench/src/scenarios.mjs';

/** Each run starts two processes, and several are under way. */
const TIMEOUT_MS = 60_000;

/** The checks, with as little work as shows what they are there for. */
const small: readonly Scenario[] = checks.map((check) => {
  const { groups = 1, gaps = false } = check;
  if (gaps) return { ...check, connections: 3, pausing: 1 };
  const pausing = check.pausing === undefined ? {} : { pausing: 2 };
  return { ...check, connections: 2 * groups + 2, messages: 10 * groups, perTurn: 1, ...pausing };
});

const cases = small
  // What is dropped was queued before.
  .filter(({ id }) => id !== 'slow readers, queued')
  .flatMap((check) => checkedServers.map((server) => ({ check, server })));

test.concurrent.each(cases)(
  '$server.name delivers once and in order: $check.id',
  async ({ check, server }) => {
    const outcome = await run({ server, scenario: check, isPinned: false });

    expect(outcome.void).toBeUndefined();
    expect(outcome.told === 0).toBe(check.gaps !== true);
  },
  TIMEOUT_MS,
);

interface Faulty {
  readonly fault: string;
  readonly dialect: Peer['dialect'];
  /** The client that it happens to; the first ones are those that pause. */
  readonly to: 'first' | 'last';
}

function faulty({ fault, dialect, to }: Faulty): Peer {
  const file = `../bench/test/faulty-server.mjs?fault=${fault}&to=${to}`;
  return {
    name: 'faulty',
    module: new URL(file, import.meta.url).href,
    dialect,
    part: 1,
    note: '',
  };
}

async function runFaulty(id: string, server: Faulty): Promise<Outcome> {
  const check = small.find((each) => each.id === id);
  if (check === undefined) throw new Error(`There is no check ${id}`);
  // Sent ahead: what is late would stop a server that waits for it.
  const size = { messages: 6 * (check.groups ?? 1), textBytes: 100, runsAhead: true };
  const scenario = { ...check, ...size };
  return run({ server: faulty(server), scenario, isPinned: false, stallMs: 500 });
}

const dialects = ['modern', 'legacy'] as const;

test.concurrent.each(
  ['lost', 'repeated', 'reordered'].flatMap((fault) =>
    dialects.flatMap((dialect) => [
      { id: 'order', fault, dialect, to: 'last' } as const,
      { id: 'slow readers', fault, dialect, to: 'first' } as const,
      { id: 'slow readers', fault, dialect, to: 'last' } as const,
    ]),
  ),
)(
  'a message that is $fault voids the check "$id": $dialect, the $to client',
  async ({ id, fault, ...server }) => {
    const outcome = await runFaulty(id, { fault, ...server });

    expect(outcome.void).toContain(`1 ${fault}`);
  },
  TIMEOUT_MS,
);

test.concurrent.each(
  dialects.flatMap((dialect) => [
    { dialect, fault: 'told', said: undefined },
    { dialect, fault: 'lost', said: '1 lost' },
    { dialect, fault: 'told-and-sent', said: '1 repeated' },
    { dialect, fault: 'none', said: 'nothing dropped and told' },
  ]),
)(
  'where messages may be dropped, "$fault" is judged by what was told: $dialect',
  async ({ said, ...server }) => {
    const outcome = await runFaulty('slow readers, dropped', { ...server, to: 'first' });

    if (said === undefined) expect(outcome).toMatchObject({ told: 1 });
    else expect(outcome.void).toContain(said);
  },
  TIMEOUT_MS,
);

test('the table of checks counts what was delivered and told, and names what is void', () => {
  const results = new Results();
  const add = (server: string, outcome: Outcome): void =>
    results.add({ round: 1, server, scenario: 'slow readers, dropped', outcome });
  add('ours', { delivered: 1_000, told: 20 });
  add('ours', { delivered: 1_000, told: 22 });
  add('ours-legacy', { delivered: 1_000, told: 20 });
  add('ours-legacy', { void: '1 lost' });

  const table = checksTable(results);

  expect(table).toMatch(/slow readers, dropped \| 2,000, and 42 told \| VOID +\| – /);
});
