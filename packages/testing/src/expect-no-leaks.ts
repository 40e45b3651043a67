import { AssertionError } from 'node:assert';
import type { Server } from 'node:http';

import { openExchanges } from './open-exchanges.ts';
import { areTimersFaked, now, onNextTurn, withRealImmediates } from './real-timers.ts';
import { within } from './within.ts';

/** What must be zero when no client is left: a part of `app.graphqlWs.stats()`. */
export interface Leftovers {
  readonly connections: number;
  readonly operations: number;
  readonly groups: number;
  readonly members: number;
  readonly queued: number;
  readonly bytes: number;
  readonly pendingBroadcasts: number;
  readonly emitterListeners: number;
  readonly timers: number;
}

/** An app with the plugin of `@groupcast/fastify`. */
export interface LeakingApp {
  readonly server: Server;
  readonly graphqlWs: {
    stats(): Leftovers;
    settled(): Promise<void>;
  };
}

/** What each figure counts, as one and as several. */
const NAMES: { readonly [Name in keyof Leftovers]: readonly [string, string] } = {
  connections: ['connection', 'connections'],
  operations: ['operation', 'operations'],
  groups: ['group', 'groups'],
  members: ['member of groups', 'members of groups'],
  queued: ['queued notification', 'queued notifications'],
  bytes: ['unsent byte', 'unsent bytes'],
  pendingBroadcasts: ['pending broadcast', 'pending broadcasts'],
  emitterListeners: ['listener on the emitter', 'listeners on the emitter'],
  timers: ['timer', 'timers'],
};

/**
 * Proves that nothing is left in the plugin of clients that have gone: no connection, operation,
 * group, listener on the emitter, timer, nor anything unsent.
 *
 * Waits until the server has settled and has noticed who left, for at most `timeoutMs` real
 * milliseconds. Call it when the test's connections have closed, as in `afterEach`.
 *
 * @throws an `AssertionError` that names what is left, and the open connections with their operations
 */
export async function expectNoLeaks(
  app: LeakingApp,
  { timeoutMs = 1_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  await withRealImmediates(() => untilNothingIsLeft(app, timeoutMs));
}

async function untilNothingIsLeft(app: LeakingApp, timeoutMs: number): Promise<void> {
  const start = now();
  const { kind } = await within(app.graphqlWs.settled(), timeoutMs);
  let left = leftovers(app);
  while (Object.keys(left).length > 0) {
    if (now() - start >= timeoutMs) throw leakError(app, left, timeoutMs, kind === 'done');
    await new Promise<void>(onNextTurn);
    left = leftovers(app);
  }
}

function leftovers(app: LeakingApp): Partial<Leftovers> {
  const stats = app.graphqlWs.stats();
  const counted = namesOf().map((name) => [name, stats[name]] as const);
  return Object.fromEntries(counted.filter(([, count]) => count !== 0));
}

function leakError(
  { server }: LeakingApp,
  left: Partial<Leftovers>,
  timeoutMs: number,
  isSettled: boolean,
): AssertionError {
  const counts = namesOf().flatMap((name) => {
    const count = left[name] ?? 0;
    const [one, several] = NAMES[name];
    return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  });
  const lines = [
    `Expected nothing to be left of the app's clients, but after ${timeoutMs} ms there are ${counts.join(', ')}`,
  ];
  if (!isSettled) lines.push('The server had not settled: something in it is still under way');
  if (areTimersFaked()) {
    lines.push('Timers are faked: what the server does later waits until you advance them');
  }
  const connections = openExchanges(server).map((exchange) => exchange.describe());
  lines.push('', 'Open connections of the test:');
  lines.push(...(connections.length === 0 ? ['  none'] : connections.map((text) => `  ${text}`)));

  const expected = Object.fromEntries(Object.keys(left).map((name) => [name, 0]));
  return new AssertionError({ message: lines.join('\n'), actual: left, expected });
}

function namesOf(): (keyof Leftovers)[] {
  return Object.keys(NAMES) as (keyof Leftovers)[];
}
