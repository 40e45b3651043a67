import { describe, expect, test, vi } from 'vitest';
import { type FaultName, type FaultReport, runFault, shortScale } from './support/fault-runs.ts';

const SEED = 1;

/** Each server and the worker has two. */
const CONNECTIONS = 2 * (shortScale.servers + 1);

/** Milliseconds until service must be back: on a machine that does nothing else it takes less than 10 s. */
const RETURN_MS = 20_000;

// Each starts a Redis and three processes, and some faults last for many seconds.
vi.setConfig({ testTimeout: 180_000 });

/** What holds after every fault. */
async function survived(name: FaultName): Promise<FaultReport> {
  const report = await runFault(name, SEED, shortScale);
  const { sent, delivered, toldByNumber, toldByOutage, silent, faults, endings } = report;
  expect(endings, 'no process ends').toEqual([]);
  expect(faults).toEqual([]);
  expect(silent).toBe(0);
  expect(delivered + toldByNumber + toldByOutage).toBe(sent);
  expect(delivered).toBeGreaterThan(0);
  expect(report.returnedAfterMs).toBeLessThan(RETURN_MS);
  return report;
}

// They wait most of the time: for the fault to be over.
describe.concurrent('two servers and a worker go on, and what is lost is told', () => {
  test('when Redis is killed and comes back', async () => {
    const { connectionsLost } = await survived('kill');

    expect(connectionsLost).toBe(CONNECTIONS);
  });

  test('when Redis is frozen and goes on', async () => {
    const { rejected } = await survived('freeze');

    expect(rejected).toBeGreaterThan(0);
  });

  test('when the network is cut between Redis and some of them', async () => {
    const { rejected, toldByNumber, toldByOutage } = await survived('cut');

    expect(rejected).toBeGreaterThan(0);
    expect(toldByNumber + toldByOutage).toBeGreaterThan(0);
  });

  test('when Redis closes each of their connections', async () => {
    const { connectionsLost } = await survived('client-kill');

    expect(connectionsLost).toBe(CONNECTIONS);
  });
});

describe('two servers and a worker go on', () => {
  test('when Redis cuts off who is too slow for a burst, and what is lost is told', async () => {
    const { connectionsLost, toldByNumber, toldByOutage } = await survived('burst');

    expect(connectionsLost).toBeGreaterThan(0);
    expect(toldByNumber + toldByOutage).toBeGreaterThan(0);
  });

  test('when their channels are flooded with garbage, and nothing is lost', async () => {
    const { delivered, needless, sent } = await survived('garbage');

    expect(delivered).toBe(sent);
    expect(needless).toBe(0);
  });
});
