import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Crowd } from './support/crowd.ts';
import { chanceOfMore, drawWindows, worstWindow } from './support/dial-windows.ts';
import { type Absence, absences, expectStorm, type Storm } from './support/reconnect-storm.ts';

const CLIENTS = 500;

/** 5 % of them. */
const LIMIT = 25;

/** Storms on paper, of which means are taken. */
const STORMS = 200;

const restarts = absences.filter(({ departure }) => departure === 'restart');

/**
 * By the first wait alone, random up to 1 s, 10 % of the clients of a server that dies without a
 * word dial in any 100 ms. It must be away for longer to be spared these dials.
 */
const kills = absences.filter(({ departure, awayMs }) => departure === 'kill' && awayMs > 1_000);

describe('on paper', () => {
  test.each(restarts)(
    'hardly ever more than 5 % dial in 100 ms after a restart of $awayMs ms',
    (absence) => {
      const { dials } = expectStorm(absence, CLIENTS, STORMS);

      expect(chanceOfMore(dials, CLIENTS, LIMIT)).toBeLessThan(0.000_1);
    },
  );

  test.each(kills)(
    'hardly ever more than 5 % reach a server in 100 ms that was dead for $awayMs ms',
    (absence) => {
      const { reached } = expectStorm(absence, CLIENTS, STORMS);

      expect(chanceOfMore(reached, CLIENTS, LIMIT)).toBeLessThan(0.000_1);
    },
  );
});

describe(`${CLIENTS} clients and a server`, () => {
  const crowds = new Map<Absence, Crowd>();
  const storms = new Map<Absence, Storm>();

  // Side by side, since the last dials come half a minute later.
  beforeAll(async () => {
    for (const absence of restarts) crowds.set(absence, await Crowd.gather(CLIENTS));
    const coming: Promise<unknown>[] = [];
    // The longest first. One after the other they go: so much work at a time would delay dials.
    for (const [absence, crowd] of [...crowds].reverse()) {
      await crowd.leave();
      coming.push(crowd.comeBack(absence.awayMs).then((storm) => storms.set(absence, storm)));
    }
    await Promise.all(coming);
  }, 90_000);

  afterAll(async () => {
    await Promise.all([...crowds.values()].map((crowd) => crowd.close()));
  }, 30_000);

  test.each(restarts)(
    'all come back after a restart of $awayMs ms, at most 5 % in any 100 ms',
    (absence) => {
      expect(worstWindow(stormOf(absence).dials)).toBeLessThanOrEqual(LIMIT);
    },
  );

  /** How it went; its existence says that all were back in the end. */
  function stormOf(absence: Absence): Storm {
    const storm = storms.get(absence);
    if (!storm) throw new Error('Not all came back');
    process.stdout.write(`Dials of ${CLIENTS} clients after a restart of ${absence.awayMs} ms\n`);
    process.stdout.write(drawWindows(storm.dials));
    return storm;
  }
});
