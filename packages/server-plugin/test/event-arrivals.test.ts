import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arrivals } from '../src/groups/arrivals.ts';

/** What happens to an event on its way. */
type Fate = 'delivered' | 'lost' | 'doubled' | 'delayed';

interface Sent {
  readonly from: string;
  readonly n: number;
}

/** Numbers the events of each publisher, and lets their fates decide in which order they arrive. */
function travel(steps: readonly (readonly [string, Fate])[]): readonly Sent[] {
  const last = new Map<string, number>();
  const arriving: Sent[] = [];
  const delayed: Sent[] = [];
  for (const [from, fate] of steps) {
    const sent = { from, n: (last.get(from) ?? 0) + 1 };
    last.set(from, sent.n);
    if (fate === 'lost') continue;
    if (fate === 'delayed') delayed.push(sent);
    else arriving.push(sent, ...(fate === 'doubled' ? [sent] : []));
    if (delayed.length > 1) arriving.push(...delayed.splice(0, 1));
  }
  return [...arriving, ...delayed];
}

const journey = fc.array(
  fc.tuple(
    fc.constantFrom('ann', 'bob', 'eve'),
    fc.constantFrom<Fate>('delivered', 'delivered', 'lost', 'doubled', 'delayed'),
  ),
  { maxLength: 60 },
);

test('P11 whatever happens on the way, what is heard and what is told to be lost add up to what was sent', () => {
  fc.assert(
    fc.property(journey, (steps) => {
      const arrivals = new Arrivals();
      const heard = new Map<string, number[]>();
      const missing = new Map<string, number>();

      for (const sent of travel(steps)) {
        const arrival = arrivals.take(sent, 0);
        if (arrival === 'late') continue;
        heard.set(sent.from, [...(heard.get(sent.from) ?? []), sent.n]);
        if (arrival === 'next') continue;
        expect(arrival.isTold).toBe(false);
        missing.set(sent.from, (missing.get(sent.from) ?? 0) + arrival.missing);
      }

      for (const [from, numbers] of heard) {
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        const [first = 0] = numbers;
        const sent = (numbers.at(-1) ?? 0) - first + 1;
        expect(numbers.length + (missing.get(from) ?? 0)).toBe(sent);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('P11 with outages in between, each loss is told, by a number or by an outage after the event before it', () => {
  const withOutages = fc.array(
    fc.oneof(
      { weight: 9, arbitrary: fc.tuple(fc.constantFrom('ann', 'bob'), fc.nat(2)) },
      { weight: 1, arbitrary: fc.constant('outage' as const) },
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(withOutages, (steps) => {
      const arrivals = new Arrivals();
      const last = new Map<string, { n: number; outages: number }>();
      let outages = 0;
      for (const step of steps) {
        if (step === 'outage') {
          outages += 1;
          continue;
        }
        const [from, lost] = step;
        const before = last.get(from);
        const n = (before?.n ?? 0) + lost + 1;
        last.set(from, { n, outages });

        const arrival = arrivals.take({ from, n }, outages);

        if (before === undefined || lost === 0) expect(arrival).toBe('next');
        else expect(arrival).toEqual({ missing: lost, isTold: before.outages !== outages });
      }
    }),
    { numRuns: 500 },
  );
});

test('P11 of too many publishers the one that has been silent for the longest is forgotten', () => {
  const arrivals = new Arrivals(2);
  arrivals.take({ from: 'ann', n: 1 }, 0);
  arrivals.take({ from: 'bob', n: 1 }, 0);
  arrivals.take({ from: 'ann', n: 2 }, 0);

  expect(arrivals.take({ from: 'eve', n: 5 }, 0)).toBe('next');

  expect(arrivals.take({ from: 'ann', n: 4 }, 0)).toEqual({ missing: 1, isTold: false });
  expect(arrivals.take({ from: 'bob', n: 1 }, 0)).toBe('next');
  expect(arrivals.take({ from: 'eve', n: 7 }, 0)).toBe('next');
});

test('P11 publishers that are forgotten begin anew', () => {
  const arrivals = new Arrivals();
  arrivals.take({ from: 'ann', n: 5 }, 0);
  arrivals.forget();

  expect(arrivals.take({ from: 'ann', n: 3 }, 0)).toBe('next');
  expect(arrivals.take({ from: 'ann', n: 5 }, 0)).toEqual({ missing: 1, isTold: false });
});
