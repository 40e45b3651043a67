import { describe, expect, test } from 'vitest';
import { type GroupScene, groupScene, Listener, topicOf } from './support/group-scene.ts';
import { HeldEmitter } from './support/held-emitter.ts';

const red = topicOf('red');

function emit({ emitter }: GroupScene, payload: unknown): Promise<void> {
  return new Promise((resolve) => emitter.emit({ topic: red, payload }, () => resolve()));
}

describe('who comes or goes during an event', () => {
  test('a member that joins does not get it', async () => {
    const late = new Listener('late', 'same');
    const scene = groupScene((event, cohorts) => {
      for (const members of cohorts) {
        for (const member of members) {
          member.heard.push(event.payload());
          scene.groups.join(red, late);
        }
      }
    });
    const early = new Listener('early', 'same');
    await scene.groups.join(red, early);

    await scene.publish('red', 1);
    await scene.publish('red', 2);

    expect([early.heard, late.heard]).toEqual([[1, 2], [2]]);
  });

  test('all can leave, and each of them is still come by', async () => {
    const visited: string[] = [];
    const scene = groupScene((_event, cohorts) => {
      for (const members of cohorts) {
        for (const member of members) {
          visited.push(member.name);
          for (const other of scene.groups.membersOf(red)) scene.groups.leave(red, other);
        }
      }
    });
    const members = ['a', 'b', 'c', 'd'].map((name, index) => new Listener(name, index % 2));
    await Promise.all(members.map((member) => scene.groups.join(red, member)));

    await scene.publish('red', 1);

    expect(visited).toEqual(['a', 'c', 'b', 'd']);
    expect(scene.groups.stats.members).toBe(0);
  });

  test('cohorts that are kept stay as they were on arrival', async () => {
    const kept: (readonly (readonly Listener[])[])[] = [];
    const scene = groupScene((_event, cohorts) => void kept.push(cohorts));
    const [alice, bob] = [new Listener('alice', 'same'), new Listener('bob', 'same')];
    await scene.groups.join(red, alice);

    await scene.publish('red', 1);
    await scene.publish('red', 2);
    scene.groups.join(red, bob);
    await scene.publish('red', 3);
    scene.groups.leave(red, alice);
    await scene.publish('red', 4);

    expect(kept).toEqual([[[alice]], [[alice]], [[alice, bob]], [[bob]]]);
  });
});

for (const concurrency of [0, 1]) {
  test(`P6 an event that is broadcast during another one is heard by all after it (concurrency ${concurrency})`, async () => {
    const scene = groupScene((event, cohorts) => {
      for (const members of cohorts) {
        for (const member of members) {
          member.heard.push(event.payload());
          if (member.heard.length === 1 && member.name === 'a') {
            void scene.publish('red', 'second');
            void scene.publish('blue', 'third');
          }
        }
      }
    }, new HeldEmitter({ concurrency }));
    const members = ['a', 'b', 'c'].map((name) => new Listener(name));
    for (const member of members) {
      await scene.groups.join(red, member);
      await scene.groups.join(topicOf('blue'), member);
    }

    await scene.publish('red', 'first');
    await scene.publish('red', 'fourth');

    for (const { heard } of members) expect(heard).toEqual(['first', 'second', 'third', 'fourth']);
  });
}

test('a handler that throws is logged, and the next event is handled', async () => {
  const handled: unknown[] = [];
  const scene = groupScene((event) => {
    handled.push(event.payload());
    if (handled.length === 1) throw new Error('boom');
  });
  await scene.groups.join(red, new Listener('alice'));

  await scene.publish('red', 1);
  await scene.publish('red', 2);

  expect(handled).toEqual([1, 2]);
  expect(scene.log.messages('error')).toEqual(['An event could not be handled']);
});

test('X2 unreadable messages are logged and dropped, and the next event is handled', async () => {
  const scene = groupScene();
  const alice = new Listener('alice');
  await scene.groups.join(red, alice);

  const unreadable = ['', '{', 'null', '{"v":9,"payload":1}', '{"v":1,"payload":{"$what":1}}'];
  for (const text of unreadable) await emit(scene, text);
  await emit(scene, `{"v":1,"payload":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
  await scene.publish('red', 'hi');

  expect(alice.heard).toEqual(['hi']);
  // Who can publish can't fill the log: further ones are counted in the next line.
  expect(scene.log.lines.map(({ details }) => details)).toMatchObject([
    { err: { code: 'GROUPCAST_ERR_MESSAGE_UNREADABLE' }, count: 1 },
  ]);
});

test('P8 all members hear one frozen value of a plain payload', async () => {
  const scene = groupScene();
  const members = [new Listener('a'), new Listener('b')];
  await Promise.all(members.map((member) => scene.groups.join(red, member)));

  await scene.publish('red', { tags: ['x'] });

  const [first, second] = members.map(({ heard }) => heard[0]);
  expect(first).toBe(second);
  expect(Object.isFrozen(first)).toBe(true);
});
