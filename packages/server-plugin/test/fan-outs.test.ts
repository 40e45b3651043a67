import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Notification } from '../src/delivery/notification.ts';
import type { Plan } from '../src/delivery/plan.ts';
import { type FanOut, type FanOutMember, FanOuts } from '../src/operation/fan-outs.ts';
import type { Wakeable } from '../src/operation/operation-client.ts';
import { RecordedLog } from './support/recorded-log.ts';

const plan: Plan = {
  field: 'onMessage',
  document: { kind: 'Document', definitions: [] } as unknown as Plan['document'],
  operationName: undefined,
  variables: {},
  sharing: { kind: 'never' },
  cohortKey: 'all',
  compiled: undefined,
};

/** A scheduler whose turns are as long as the test wants. */
class Turns {
  readonly #waiting: Wakeable[] = [];
  /** How many more questions are answered with yes. */
  time = 0;

  hasTime(): boolean {
    this.time -= 1;
    return this.time >= 0;
  }

  enqueue(work: Wakeable): void {
    this.#waiting.push(work);
  }

  /** @returns whether anything waited */
  next(time: number): boolean {
    const work = this.#waiting.shift();
    this.time = time;
    work?.wake();
    return work !== undefined;
  }
}

class Member implements FanOutMember {
  readonly plan = plan;
  readonly heard: string[] = [];
  onHeard: (event: string) => void = () => {};

  notify(notification: Notification, missing: number): void {
    const event = String(notification.resultFor(undefined as never));
    this.heard.push(missing > 0 ? `${event} after ${missing}` : event);
    this.onHeard(event);
  }
}

function members(count: number): Member[] {
  return Array.from({ length: count }, () => new Member());
}

/** An event, and how many notifications were made of it. */
function event(
  name: string,
  cohorts: readonly (readonly Member[])[],
  missing = 0,
): FanOut<Member> & { made: number } {
  const fanOut = {
    made: 0,
    cohorts,
    missing,
    notificationFor: (): Notification => {
      fanOut.made += 1;
      return { resultFor: () => name, release: () => {} };
    },
  };
  return fanOut;
}

function setUp(time: number): { turns: Turns; fanOuts: FanOuts<Member>; log: RecordedLog } {
  const turns = new Turns();
  const log = new RecordedLog();
  turns.time = time;
  return { turns, log, fanOuts: new FanOuts<Member>(turns, log) };
}

test('as long as there is time all members hear an event within the call', () => {
  const { fanOuts } = setUp(Number.POSITIVE_INFINITY);
  const cohorts = [members(2), members(1)];
  const first = event('first', cohorts, 3);

  fanOuts.add(first);

  expect(cohorts.flat().map(({ heard }) => heard)).toEqual([
    ['first after 3'],
    ['first after 3'],
    ['first after 3'],
  ]);
  expect([first.made, fanOuts.waiting, fanOuts.unheard]).toEqual([2, 0, 0]);
});

test('who had no turn hears it later, and all that came meanwhile in one go', () => {
  const { fanOuts, turns } = setUp(1);
  const cohort = members(3);
  const heard = (): readonly (readonly string[])[] => cohort.map((member) => [...member.heard]);
  const cohorts = [cohort];

  for (const name of ['1', '2', '3']) fanOuts.add(event(name, cohorts));
  const atOnce = heard();
  expect([fanOuts.waiting, fanOuts.unheard]).toEqual([3, 8]);
  turns.next(1);
  const afterOneStep = heard();
  turns.next(10);

  expect(atOnce).toEqual([['1'], [], []]);
  expect(afterOneStep).toEqual([['1'], ['1', '2', '3'], []]);
  expect(heard()).toEqual([
    ['1', '2', '3'],
    ['1', '2', '3'],
    ['1', '2', '3'],
  ]);
  expect([fanOuts.waiting, turns.next(10)]).toEqual([0, false]);
});

test('an event costs one notification for each cohort, however often its members are interrupted', () => {
  const { fanOuts, turns } = setUp(1);
  const cohorts = [members(20), members(1)];
  const [first, second] = [event('1', cohorts), event('2', cohorts)];

  fanOuts.add(first);
  fanOuts.add(second);
  while (turns.next(3));

  expect([first.made, second.made]).toEqual([2, 2]);
  expect(cohorts.flat().every(({ heard }) => heard.join() === '1,2')).toBe(true);
});

test('what a member broadcasts it hears after what it hears now, and an endless exchange stalls nobody', () => {
  const { fanOuts, turns } = setUp(4);
  const cohort = members(2);
  const cohorts = [cohort];
  let count = 0;
  for (const member of cohort) {
    member.onHeard = () => {
      count += 1;
      fanOuts.add(event(String(count), cohorts));
    };
  }

  fanOuts.add(event('0', cohorts));
  const afterFourSteps = cohort.map(({ heard }) => heard.length);
  turns.next(0);

  expect(afterFourSteps[0]).toBeLessThan(20);
  expect(cohort.map(({ heard }) => heard[0])).toEqual(['0', '0']);
  expect(fanOuts.waiting).toBeGreaterThan(0);
});

test('of the events that wait the oldest are heard at once when there are too many', () => {
  const { fanOuts } = setUp(1);
  const cohort = members(2);
  const cohorts = [cohort];

  for (let n = 0; n < 3_000; n += 1) fanOuts.add(event(String(n), cohorts));

  expect(fanOuts.waiting).toBeLessThanOrEqual(1_025);
  expect(fanOuts.isFull).toBe(false);
  expect(cohort[1]?.heard.slice(0, 3)).toEqual(['0', '1', '2']);
});

test('members who answer each event with two fill it, which stops them', () => {
  const { fanOuts, turns } = setUp(1);
  const cohort = members(1);
  const cohorts = [cohort];
  let refused = 0;
  const broadcast = (): void => {
    if (fanOuts.isFull) refused += 1;
    else fanOuts.add(event('again', cohorts));
  };
  for (const member of cohort) {
    member.onHeard = () => {
      broadcast();
      broadcast();
    };
  }

  fanOuts.add(event('first', cohorts));
  for (let turn = 0; turn < 20 && refused === 0; turn += 1) turns.next(1);

  expect(fanOuts.waiting).toBeLessThanOrEqual(10_000);
  expect(refused).toBeGreaterThan(0);
});

test('what a member throws is logged, and the others hear the event', () => {
  const { fanOuts, log } = setUp(10);
  const cohort = members(3);
  const [, second] = cohort;
  if (second !== undefined) {
    second.onHeard = () => {
      throw new Error('boom');
    };
  }

  fanOuts.add(event('1', [cohort]));

  expect(cohort.map(({ heard }) => heard)).toEqual([['1'], ['1'], ['1']]);
  expect(log.messages('error')).toEqual(['An event could not be handled']);
});

test('P1 whatever the groups and the turns, each member hears each event of its groups once, in order', () => {
  const plans = fc.record({
    events: fc.array(fc.nat({ max: 2 }), { maxLength: 30 }),
    time: fc.nat({ max: 6 }),
    turns: fc.array(fc.nat({ max: 6 }), { maxLength: 10 }),
    turnAfter: fc.array(fc.boolean(), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(plans, ({ events, time, turns: lengths, turnAfter }) => {
      const { fanOuts, turns } = setUp(time);
      const [a, b, c, d] = [new Member(), new Member(), new Member(), new Member()];
      const groups = [[[a, b], [c]], [[b, d]], [[d, a, c]]];
      const expected = new Map<Member, string[]>([a, b, c, d].map((member) => [member, []]));
      for (const [n, index] of events.entries()) {
        const cohorts = groups[index] ?? [];
        for (const member of cohorts.flat()) expected.get(member)?.push(String(n));
        fanOuts.add(event(String(n), cohorts));
        if (turnAfter[n] === true) turns.next(lengths.pop() ?? 2);
      }
      while (turns.next(5));

      for (const [member, heard] of expected) expect(member.heard).toEqual(heard);
      expect([fanOuts.waiting, fanOuts.unheard]).toEqual([0, 0]);
    }),
  );
});
