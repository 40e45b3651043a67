import { expect, onTestFinished, test, vi } from 'vitest';
import { restartReason } from '../src/connection/restart-reason.ts';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = 'type Query { hello: String }';
const restart = 'Server restarts, connect again';
const withFloor = /^Server restarts, connect again; retry-after=(\d+\.\d\d)$/;

function rollAlways(random: number): void {
  const spy = vi.spyOn(Math, 'random').mockReturnValue(random);
  onTestFinished(() => spy.mockRestore());
}

describeBoth('the wait that a server asks for when it shuts down', (wire) => {
  test('T41 each of many clients is given one of its own, of at most 20 ms for each of them', async () => {
    const reasons: string[] = [];
    const { app, connect } = await startApp(wire, {
      typeDefs,
      onDisconnect: (_connection, _code, reason) => void reasons.push(reason),
    });
    const clients = await Promise.all(Array.from({ length: 60 }, () => connect()));

    await app.close();

    for (const client of clients) await client.expectClose(1012, /^Server restarts, connect again/);
    const floors = reasons
      .filter((reason) => reason !== restart)
      .map((reason) => Number(withFloor.exec(reason)?.[1]));
    expect(reasons).toHaveLength(60);
    expect(new Set(floors).size).toBeGreaterThan(5);
    expect(Math.min(...floors)).toBeGreaterThanOrEqual(0.1);
    expect(Math.max(...floors)).toBeLessThanOrEqual(1.2);
  });

  test('T41 a few clients are asked for none', async () => {
    rollAlways(0.999);
    const { app, connect } = await startApp(wire, { typeDefs });
    const clients = await Promise.all(Array.from({ length: 4 }, () => connect()));

    await app.close();

    for (const client of clients) await client.expectClose(1012, restart);
  });

  test('T41 who is turned away meanwhile is asked as well', async () => {
    rollAlways(0.5);
    const gate = createGate();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      before: (instance) =>
        instance.addHook('onRequest', async ({ headers }) => {
          if (headers['x-held'] !== undefined) await gate.arrive();
        }),
    });
    await Promise.all(Array.from({ length: 40 }, () => connect()));
    const upgrading = connect({ headers: { 'x-held': 'yes' }, init: false });
    await gate.arrived();

    const closing = app.close();
    gate.open();

    await (await upgrading).expectClose(1012, `${restart}; retry-after=0.41`);
    await closing;
  });
});

test('T41 it is never more than 10 seconds, and fits into a close frame', () => {
  rollAlways(0.999_999);

  const reason = restartReason(1_000_000);

  expect(reason).toBe(`${restart}; retry-after=10.00`);
  expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
});

test('T41 a wait of less than 0.1 seconds is not worth a word', () => {
  rollAlways(0.009);
  expect(restartReason(1_000)).toBe(restart);

  rollAlways(0.012);
  expect(restartReason(1_000)).toBe(`${restart}; retry-after=0.12`);
});
