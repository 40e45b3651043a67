import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type GroupScene, groupScene, Listener, topicOf } from './support/group-scene.ts';
import type { HeldEmitter } from './support/held-emitter.ts';

const LINGER_MS = 5_000;
const red = topicOf('red');
const blue = topicOf('blue');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

function lingeringScene(): GroupScene {
  return groupScene(undefined, undefined, LINGER_MS);
}

async function settled({ groups }: GroupScene): Promise<void> {
  while (!groups.isSettled) await nextTurn();
}

/** What was asked of the broker for a group. */
function callsOf(emitter: HeldEmitter, topic = red): string[] {
  return emitter.calls
    .map((call) => call.split(' '))
    .filter(([name, of]) => name !== 'emit' && of === topic)
    .map(([name = '']) => name);
}

describe('a group whose last member has left', () => {
  test('it stays joined for a while, and is left then', async () => {
    const scene = lingeringScene();
    const { emitter, groups } = scene;
    const alice = new Listener('alice');
    await groups.join(red, alice);

    groups.leave(red, alice);
    expect([groups.isSettled, groups.lingering]).toEqual([true, 1]);
    expect(groups.stats).toEqual({ groups: 0, cohorts: 0, members: 0 });
    vi.advanceTimersByTime(LINGER_MS - 1);
    expect(callsOf(emitter)).toEqual(['on']);
    vi.advanceTimersByTime(1);
    await settled(scene);

    expect(callsOf(emitter)).toEqual(['on', 'removeListener']);
    expect([groups.lingering, emitter.listenerCount, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });

  test('who joins meanwhile is in at once, and the broker is asked nothing', async () => {
    const { emitter, groups, publish } = lingeringScene();
    const [alice, bob] = [new Listener('alice'), new Listener('bob')];
    await groups.join(red, alice);
    groups.leave(red, alice);
    vi.advanceTimersByTime(LINGER_MS - 1);

    expect(groups.join(red, bob)).toBe(undefined);
    vi.advanceTimersByTime(LINGER_MS);
    await publish('red', 'hi');

    expect(bob.heard).toEqual(['hi']);
    expect(callsOf(emitter)).toEqual(['on']);
    expect([groups.stats.groups, groups.lingering, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });

  test('each time it is left it lingers for the whole time', async () => {
    const scene = lingeringScene();
    const { emitter, groups } = scene;
    const alice = new Listener('alice');
    await groups.join(red, alice);
    groups.leave(red, alice);
    vi.advanceTimersByTime(LINGER_MS - 1);
    groups.join(red, alice);
    groups.leave(red, alice);

    vi.advanceTimersByTime(LINGER_MS - 1);
    expect(callsOf(emitter)).toEqual(['on']);
    vi.advanceTimersByTime(1);
    await settled(scene);

    expect(callsOf(emitter)).toEqual(['on', 'removeListener']);
  });

  test('what arrives meanwhile is heard by nobody, and is lost for nobody', async () => {
    const { groups, log, publish } = lingeringScene();
    const [alice, bob] = [new Listener('alice'), new Listener('bob')];
    await groups.join(red, alice);
    await publish('red', 1);
    groups.leave(red, alice);
    await publish('red', 2);
    await publish('red', 3);
    groups.join(red, bob);
    await publish('red', 4);

    expect([alice.heard, bob.heard]).toEqual([[1], [4]]);
    expect([groups.losses.lost, groups.losses.duplicates]).toEqual([0, 0]);
    expect(log.messages('warn')).toEqual([]);
  });

  test('who leaves before the acknowledgement makes it linger as well', async () => {
    const scene = lingeringScene();
    const { emitter, groups } = scene;
    const alice = new Listener('alice');
    const joined = groups.join(red, alice);
    groups.leave(red, alice);
    await joined;

    expect(groups.join(red, alice)).toBe(undefined);
    expect(callsOf(emitter)).toEqual(['on']);
  });

  test('a join that is refused does not linger', async () => {
    const scene = lingeringScene();
    const { emitter, groups } = scene;
    emitter.fail('on', new Error('connection lost'), { times: 1 });
    await expect(groups.join(red, new Listener('alice'))).rejects.toThrow('connection lost');
    await settled(scene);

    expect(callsOf(emitter)).toEqual(['on', 'removeListener']);
    expect([groups.lingering, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test('all that linger share one timer, and each has its own time', async () => {
    const scene = lingeringScene();
    const { emitter, groups } = scene;
    const alice = new Listener('alice');
    await Promise.all([groups.join(red, alice), groups.join(blue, alice)]);
    groups.leave(red, alice);
    vi.advanceTimersByTime(2_000);
    groups.leave(blue, alice);
    expect([groups.lingering, vi.getTimerCount()]).toEqual([2, 1]);

    vi.advanceTimersByTime(LINGER_MS - 2_000);
    await settled(scene);
    expect(callsOf(emitter, red)).toEqual(['on', 'removeListener']);
    expect(callsOf(emitter, blue)).toEqual(['on']);
    vi.advanceTimersByTime(2_000);
    await settled(scene);
    expect(callsOf(emitter, blue)).toEqual(['on', 'removeListener']);
  });

  test('closing stops the timer and forgets them; nothing lingers any more', async () => {
    const scene = lingeringScene();
    const { broker, emitter, groups } = scene;
    const [alice, bob] = [new Listener('alice'), new Listener('bob')];
    await Promise.all([groups.join(red, alice), groups.join(blue, bob)]);
    groups.leave(red, alice);

    groups.close();
    groups.close();
    expect([groups.lingering, vi.getTimerCount()]).toEqual([0, 0]);
    expect(groups.stats.groups).toBe(1);
    groups.leave(blue, bob);
    await settled(scene);
    expect(callsOf(emitter, red)).toEqual(['on']);
    expect(callsOf(emitter, blue)).toEqual(['on', 'removeListener']);
    expect(vi.getTimerCount()).toBe(0);

    vi.useRealTimers();
    await broker.close(1_000);
    expect(broker.listenerCount).toBe(0);
  });
});

/** What a run of the model below may do to one of two members, to the emitter, or to the clock. */
type Step = 'join' | 'leave' | 'answer' | 'turn' | 'half' | 'expire';

test('in whatever order members come and go, time passes and the broker answers, nothing is lost', async () => {
  const step = fc.tuple(
    fc.constantFrom<Step>('join', 'leave', 'join', 'leave', 'answer', 'turn', 'half', 'expire'),
    fc.nat(1),
  );

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const scene = lingeringScene();
      const { emitter, groups, publish } = scene;
      emitter.hold('on');
      emitter.hold('removeListener');
      const members = [new Listener('a'), new Listener('b')] as const;
      const wanted = new Set<Listener>();

      for (const [name, index] of steps) {
        const member = members[index] ?? members[0];
        if (name === 'turn') await nextTurn();
        else if (name === 'half') vi.advanceTimersByTime(LINGER_MS / 2);
        else if (name === 'expire') vi.advanceTimersByTime(LINGER_MS);
        else if (name === 'answer') answer(emitter);
        else if (name === 'join') {
          wanted.add(member);
          void groups.join(red, member);
        } else {
          wanted.delete(member);
          groups.leave(red, member);
        }
        expect(emitter.heldCount('on') + emitter.heldCount('removeListener')).toBeLessThan(2);
        if (wanted.size > 0) expect(groups.lingering).toBe(0);
      }
      emitter.release('on');
      emitter.release('removeListener');
      await settled(scene);

      expect(new Set(groups.membersOf(red))).toEqual(wanted);
      await publish('red', 'last');
      for (const member of members) {
        expect(member.heard.includes('last')).toBe(wanted.has(member));
      }
      for (const member of members) groups.leave(red, member);
      vi.advanceTimersByTime(LINGER_MS);
      await settled(scene);
      expect(callsOf(emitter).join(' ')).toMatch(/^(on removeListener ?)*$/);
      expect([groups.lingering, vi.getTimerCount(), emitter.listenerCount]).toEqual([0, 0, 0]);
    }),
    { numRuns: 200 },
  );
});

function answer(emitter: HeldEmitter): void {
  if (emitter.heldCount('on') > 0) emitter.releaseNext('on');
  else if (emitter.heldCount('removeListener') > 0) emitter.releaseNext('removeListener');
}
