import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GapListener, GapListeners } from '../src/operation/gap-listeners.ts';
import { PendingGaps } from '../src/operation/pending-gaps.ts';
import { Scheduler } from '../src/operation/scheduler.ts';

/** A fast subscriber: it is told before each event, and when the end of an outage comes to it. */
class FastListener implements GapListener {
  readonly heard: string[] = [];
  readonly #all: GapListeners;
  readonly #gaps: PendingGaps;

  constructor(all: GapListeners) {
    this.#all = all;
    this.#gaps = new PendingGaps(all.countOutages());
    all.add(this);
  }

  hears(event: string): void {
    this.tellGaps();
    this.heard.push(event);
  }

  tellGaps(): void {
    this.#gaps.noteOutages(this.#all.countOutages(), 0);
    for (let gap = this.#gaps.take(); gap !== undefined; gap = this.#gaps.take()) {
      this.heard.push('gap');
    }
  }
}

function scene() {
  const all = new GapListeners(new Scheduler());
  return { all, ann: new FastListener(all), bob: new FastListener(all) };
}

test('P10 while an outage lasts nobody is told, and at its end all are, once', () => {
  const { all, ann, bob } = scene();
  all.brokerFailed();
  all.brokerFailed();
  expect([ann.heard, bob.heard]).toEqual([[], []]);

  all.brokerRecovered();

  expect([ann.heard, bob.heard]).toEqual([['gap'], ['gap']]);
});

test('P10 who hears an event in an outage is told before it, and again at the end; the others once', () => {
  const { all, ann, bob } = scene();
  all.brokerFailed();
  ann.hears('during');
  ann.hears('during too');
  all.brokerRecovered();
  ann.hears('after');
  bob.hears('after');

  expect(ann.heard).toEqual(['gap', 'during', 'during too', 'gap', 'after']);
  expect(bob.heard).toEqual(['gap', 'after']);
});

test('P10 who becomes live in an outage is told at its end', () => {
  const { all } = scene();
  all.brokerFailed();
  const late = new FastListener(all);
  all.brokerRecovered();

  expect(late.heard).toEqual(['gap']);
});

test('P10 an end whose begin was not seen is told', () => {
  const { all, ann } = scene();
  all.brokerRecovered();
  all.brokerRecovered();

  expect(ann.heard).toEqual(['gap', 'gap']);
});

test('P10 whenever something is lost in an outage, a gap is told after it to each who was live then', () => {
  const step = fc.constantFrom('begins', 'ends', 'ann hears', 'lost', 'joins');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { all, ann, bob } = scene();
      const live = [ann, bob];
      let isOut = false;
      for (const each of steps) {
        if (each === 'begins') {
          all.brokerFailed();
          isOut = true;
        } else if (each === 'ends') {
          all.brokerRecovered();
          isOut = false;
        } else if (each === 'ann hears') ann.hears('event');
        else if (each === 'joins') live.push(new FastListener(all));
        else if (isOut) for (const listener of live) listener.heard.push('(lost)');
      }
      all.brokerRecovered();

      for (const { heard } of live) {
        const after = heard.slice(heard.lastIndexOf('(lost)') + 1);
        if (heard.includes('(lost)')) expect(after).toContain('gap');
      }
    }),
    { numRuns: 500 },
  );
});
