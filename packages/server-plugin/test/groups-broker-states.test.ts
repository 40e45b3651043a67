import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GroupScene, groupScene, Listener, topicOf } from './support/group-scene.ts';
import type { HeldEmitter } from './support/held-emitter.ts';

const red = topicOf('red');
const refusal = new Error('connection lost');

/** Resolves when the broker has answered all that the groups asked of it. */
async function settled({ groups }: GroupScene): Promise<void> {
  while (!groups.isSettled) await nextTurn();
}

function callsOf(emitter: HeldEmitter): string[] {
  return emitter.calls.map((call) => call.split(' ')[0] ?? '').filter((call) => call !== 'emit');
}

function unhandledRejections(): { readonly reasons: unknown[]; stop(): Promise<void> } {
  const reasons: unknown[] = [];
  const listener = (reason: unknown): void => void reasons.push(reason);
  process.on('unhandledRejection', listener);
  return {
    reasons,
    stop: async () => {
      await nextTurn();
      process.off('unhandledRejection', listener);
    },
  };
}

describe('joining', () => {
  test('E1 a join resolves when the broker has acknowledged it, for all who wait', async () => {
    const { emitter, groups } = groupScene();
    emitter.hold('on');
    const resolved: string[] = [];
    const joins = ['a', 'b'].map((name) =>
      groups.join(red, new Listener(name))?.then(() => resolved.push(name)),
    );
    await emitter.whenHeld('on');
    await nextTurn();
    expect(resolved).toEqual([]);

    emitter.release('on');
    await Promise.all(joins);

    expect(resolved).toEqual(['a', 'b']);
    expect(callsOf(emitter)).toEqual(['on']);
  });

  test('what arrives between the call and the acknowledgement is heard', async () => {
    const { emitter, groups, publish } = groupScene();
    emitter.hold('on', 'acknowledgement');
    const alice = new Listener('alice');
    const joined = groups.join(red, alice);

    await publish('red', 'early');
    await emitter.whenHeld('on');
    emitter.release('on');
    await joined;

    expect(alice.heard).toEqual(['early']);
  });

  test('who leaves before the acknowledgement is out at once, and the group follows after it', async () => {
    const scene = groupScene();
    const { emitter, groups, publish } = scene;
    emitter.hold('on', 'acknowledgement');
    const alice = new Listener('alice');
    const joined = groups.join(red, alice);
    await emitter.whenHeld('on');

    groups.leave(red, alice);
    await publish('red', 'hi');
    expect(callsOf(emitter)).toEqual(['on']);
    emitter.release('on');
    await joined;
    await settled(scene);

    expect(alice.heard).toEqual([]);
    expect(callsOf(emitter)).toEqual(['on', 'removeListener']);
    expect(groups.stats.groups).toBe(0);
  });

  test('one leaves and another joins before the acknowledgement: the broker is asked once', async () => {
    const scene = groupScene();
    const { emitter, groups, publish } = scene;
    emitter.hold('on');
    const [alice, bob] = [new Listener('alice'), new Listener('bob')];
    void groups.join(red, alice);
    groups.leave(red, alice);
    const joined = groups.join(red, bob);
    emitter.release('on');
    await joined;

    await publish('red', 'hi');

    expect([alice.heard, bob.heard]).toEqual([[], ['hi']]);
    expect(callsOf(emitter)).toEqual(['on']);
  });
});

describe('leaving', () => {
  test('the broker leaves with the last member only', async () => {
    const scene = groupScene();
    const { emitter, groups } = scene;
    const [alice, bob] = [new Listener('alice'), new Listener('bob')];
    await Promise.all([groups.join(red, alice), groups.join(red, bob)]);

    groups.leave(red, alice);
    expect(callsOf(emitter)).toEqual(['on']);
    groups.leave(red, bob);
    groups.leave(red, bob);
    await settled(scene);

    expect(callsOf(emitter)).toEqual(['on', 'removeListener']);
    expect(groups.stats).toEqual({ groups: 0, cohorts: 0, members: 0 });
    expect(emitter.listenerCount).toBe(0);
  });

  test('who joins meanwhile waits, and hears what is broadcast after the acknowledgement', async () => {
    const scene = groupScene();
    const { emitter, groups, publish } = scene;
    const [alice, bob] = [new Listener('alice'), new Listener('bob')];
    await groups.join(red, alice);
    emitter.hold('removeListener');
    groups.leave(red, alice);
    await emitter.whenHeld('removeListener');

    const joined = groups.join(red, bob);
    const joinedToo = groups.join(red, alice);
    expect(callsOf(emitter)).toEqual(['on', 'removeListener']);
    emitter.release('removeListener');
    await Promise.all([joined, joinedToo]);
    await publish('red', 'hi');

    expect(callsOf(emitter)).toEqual(['on', 'removeListener', 'on']);
    expect([alice.heard, bob.heard]).toEqual([['hi'], ['hi']]);
    expect(emitter.listenerCount).toBe(1);
  });

  test('who joins and leaves again meanwhile is not joined for', async () => {
    const scene = groupScene();
    const { emitter, groups } = scene;
    const alice = new Listener('alice');
    await groups.join(red, alice);
    emitter.hold('removeListener');
    groups.leave(red, alice);
    const joined = groups.join(red, alice);
    groups.leave(red, alice);
    await emitter.whenHeld('removeListener');
    emitter.release('removeListener');

    await joined;
    await settled(scene);

    expect(callsOf(emitter)).toEqual(['on', 'removeListener']);
    expect(groups.stats.groups).toBe(0);
  });

  test('a broker that fails to leave is logged, and can be joined again', async () => {
    const scene = groupScene();
    const { emitter, groups, log, publish } = scene;
    const alice = new Listener('alice');
    await groups.join(red, alice);
    emitter.fail('removeListener', refusal, { times: 1 });

    groups.leave(red, alice);
    await settled(scene);
    await groups.join(red, alice);
    await publish('red', 'hi');

    expect(log.messages('warn')).toContain('The broker could not leave a group');
    expect(alice.heard).toEqual(['hi']);
  });
});

describe('a refused join', () => {
  for (const way of ['callback', 'throw'] as const) {
    test(`it rejects for all who wait, and none of them is in the group (${way})`, async () => {
      const scene = groupScene();
      const { emitter, groups } = scene;
      emitter.fail('on', refusal, { way, times: 1 });

      const joins = ['a', 'b'].map((name) => groups.join(red, new Listener(name)));

      for (const joined of joins) {
        await expect(joined).rejects.toMatchObject({
          code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
          cause: refusal,
        });
      }
      expect(groups.membersOf(red)).toEqual([]);
      await settled(scene);
      expect(groups.stats).toEqual({ groups: 0, cohorts: 0, members: 0 });
    });
  }

  test('who has left meanwhile is no unhandled rejection', async () => {
    const scene = groupScene();
    const { emitter, groups } = scene;
    emitter.hold('on');
    emitter.fail('on', refusal);
    const alice = new Listener('alice');
    const unhandled = unhandledRejections();

    void groups.join(red, alice);
    groups.leave(red, alice);
    emitter.release('on');
    await settled(scene);
    await unhandled.stop();

    expect(unhandled.reasons).toEqual([]);
    expect(groups.stats.groups).toBe(0);
  });

  test('who joins while the broker forgets it waits for a join of its own', async () => {
    const { emitter, groups, publish } = groupScene();
    emitter.fail('on', refusal, { times: 1 });
    emitter.hold('removeListener');
    const [alice, bob] = [new Listener('alice'), new Listener('bob')];
    await expect(groups.join(red, alice)).rejects.toThrow('connection lost');

    const joined = groups.join(red, bob);
    await emitter.whenHeld('removeListener');
    emitter.release('removeListener');
    await joined;
    await publish('red', 'hi');

    expect(callsOf(emitter)).toEqual(['on', 'removeListener', 'on']);
    expect([alice.heard, bob.heard]).toEqual([[], ['hi']]);
  });

  test('the join that follows a leave is refused: it rejects', async () => {
    const scene = groupScene();
    const { emitter, groups } = scene;
    const alice = new Listener('alice');
    await groups.join(red, alice);
    groups.leave(red, alice);
    emitter.fail('on', refusal, { times: 1 });

    await expect(groups.join(red, alice)).rejects.toThrow('connection lost');

    expect(groups.membersOf(red)).toEqual([]);
    await settled(scene);
    expect(groups.stats.groups).toBe(0);
  });
});

test('joins under way are rejected when the broker closes, and leaving still works', async () => {
  const { broker, emitter, groups } = groupScene();
  const [alice, bob] = [new Listener('alice'), new Listener('bob')];
  await groups.join(red, alice);
  emitter.hold('on');
  const joined = groups.join(topicOf('blue'), bob);
  const refused = expect(joined).rejects.toThrow('the broker failed: it was closed meanwhile');

  await broker.close(1_000);
  await refused;
  groups.leave(red, alice);
  await nextTurn();

  expect(groups.stats).toEqual({ groups: 0, cohorts: 0, members: 0 });
  await expect(groups.join(red, alice)).rejects.toThrow('the broker is closed');
});

/** What a run of the model below may do to one of three members, or to the emitter. */
type Step = 'join' | 'leave' | 'answer' | 'refuse' | 'turn';

test('in whatever order members come and go and the broker answers, calls alternate and nothing is lost', async () => {
  const step = fc.tuple(
    fc.constantFrom<Step>('join', 'leave', 'join', 'leave', 'answer', 'answer', 'refuse', 'turn'),
    fc.nat(2),
  );

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const scene = groupScene();
      const { emitter, groups, publish } = scene;
      emitter.hold('on');
      emitter.hold('removeListener');
      const members = ['a', 'b', 'c'].map((name) => new Listener(name, name === 'c'));
      const wanted = new Set<Listener>();
      const answers: Promise<unknown>[] = [];

      for (const [name, index] of steps) {
        const member = members[index] ?? members[0];
        if (name === 'turn') await nextTurn();
        else if (name === 'answer' || name === 'refuse') answer(emitter, name);
        else if (member !== undefined && name === 'join') {
          wanted.add(member);
          const joined = groups.join(red, member);
          if (joined) answers.push(joined.catch(() => wanted.delete(member)));
        } else if (member !== undefined) {
          wanted.delete(member);
          groups.leave(red, member);
        }
        expect(emitter.heldCount('on') + emitter.heldCount('removeListener')).toBeLessThan(2);
      }
      emitter.release('on');
      emitter.release('removeListener');
      await Promise.all(answers);
      await settled(scene);

      const inGroup = new Set(groups.membersOf(red));
      for (const member of wanted) expect(inGroup).toContain(member);
      await publish('red', 'last');
      for (const member of members) {
        expect(member.heard.includes('last')).toBe(inGroup.has(member));
      }
      expect(callsOf(emitter).join(' ')).toMatch(
        /^(on( removeListener( on removeListener)*( on)?)?)?$/,
      );
      expect(emitter.listenerCount).toBe(inGroup.size > 0 ? 1 : 0);
      for (const member of members) groups.leave(red, member);
      await settled(scene);
      expect(groups.stats).toEqual({ groups: 0, cohorts: 0, members: 0 });
      expect(emitter.listenerCount).toBe(0);
    }),
    { numRuns: 150 },
  );
});

function answer(emitter: HeldEmitter, name: 'answer' | 'refuse'): void {
  if (name === 'refuse') emitter.fail('on', refusal, { times: 1 });
  if (emitter.heldCount('on') > 0) emitter.releaseNext('on');
  else if (emitter.heldCount('removeListener') > 0) emitter.releaseNext('removeListener');
  emitter.repair('on');
}
