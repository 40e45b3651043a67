import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Crowd } from './support/crowd.ts';
import { chanceOfMore, drawWindows, worstWindow } from './support/dial-windows.ts';
import { type Absence, absences, expectStorm, type Storm } from './support/reconnect-storm.ts';

const CLIENTS = 500;

/** 5 % of them. */
const LIMIT = 25;

/** Storms on paper, of which means are taken. */
const STORMS = 200;

describe('on paper', () => {
  test.each(absences)(
    'hardly ever more than 5 % dial in 100 ms after a $departure, away for $awayMs ms',
    (absence) => {
      const { dials } = expectStorm(absence, CLIENTS, STORMS);

      expect(chanceOfMore(dials, CLIENTS, LIMIT)).toBeLessThan(0.000_1);
    },
  );
});

describe(`${CLIENTS} clients and a server`, () => {
  const crowds = new Map<Absence, Crowd>();
  const storms = new Map<Absence, Storm>();

  // Side by side, since the last dials come half a minute later.
  beforeAll(async () => {
    for (const absence of absences) crowds.set(absence, await Crowd.gather(CLIENTS));
    const coming: Promise<unknown>[] = [];
    // One after the other they go: so much work at a time would delay dials.
    for (const [absence, crowd] of [...crowds].reverse()) {
      await crowd.leave(absence.departure);
      coming.push(crowd.comeBack(absence.awayMs).then((storm) => storms.set(absence, storm)));
    }
    await Promise.all(coming);
  }, 90_000);

  afterAll(async () => {
    await Promise.all([...crowds.values()].map((crowd) => crowd.close()));
  }, 30_000);

  test.each(absences)(
    'all come back after a $departure, away for $awayMs ms, at most 5 % in any 100 ms',
    (absence) => {
      expect(worstWindow(stormOf(absence).dials)).toBeLessThanOrEqual(LIMIT);
    },
  );

  /** How it went; its existence says that all were back in the end. */
  function stormOf(absence: Absence): Storm {
    const storm = storms.get(absence);
    if (!storm) throw new Error('Not all came back');
    const { departure, awayMs } = absence;
    process.stdout.write(
      `Dials of ${CLIENTS} clients after a ${departure}, away for ${awayMs} ms\n`,
    );
    process.stdout.write(drawWindows(storm.dials));
    return storm;
  }
});
