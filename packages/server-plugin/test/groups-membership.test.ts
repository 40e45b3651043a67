import { expect, test } from 'vitest';
import { groupScene, Listener, topicOf } from './support/group-scene.ts';

const red = topicOf('red');

test('only the members of a group hear its events', async () => {
  const { groups, publish } = groupScene();
  const [alice, bob] = [new Listener('alice'), new Listener('bob')];
  await Promise.all([groups.join(red, alice), groups.join(topicOf('blue'), bob)]);

  await publish('red', 'hi');

  expect([alice.heard, bob.heard]).toEqual([['hi'], []]);
});

test('S3 who is in a group twice hears an event once, and leaves once', async () => {
  const { groups, publish } = groupScene();
  const alice = new Listener('alice');
  await groups.join(red, alice);
  expect(groups.join(red, alice)).toBe(undefined);

  await publish('red', 'hi');
  expect(groups.stats).toEqual({ groups: 1, cohorts: 1, members: 1 });
  groups.leave(red, alice);

  expect(alice.heard).toEqual(['hi']);
  expect(groups.stats.members).toBe(0);
});

test('joining a joined group is done at once', async () => {
  const { groups } = groupScene();
  await groups.join(red, new Listener('alice'));

  expect(groups.join(red, new Listener('bob'))).toBe(undefined);
});

test('members with equal keys form a cohort, as a Map compares keys', async () => {
  const seen: string[][] = [];
  const { groups, publish } = groupScene((_event, cohorts) => {
    seen.push(...cohorts.map((members) => members.map(({ name }) => name)));
  });
  const key = {};
  const members = [
    new Listener('a', 'same'),
    new Listener('b', key),
    new Listener('c', 'same'),
    new Listener('d', {}),
    new Listener('e', key),
    new Listener('f', Number.NaN),
    new Listener('g', Number.NaN),
  ];
  await Promise.all(members.map((member) => groups.join(red, member)));

  await publish('red', 'hi');

  expect(seen).toEqual([['a', 'c'], ['b', 'e'], ['d'], ['f', 'g']]);
  expect(groups.stats).toEqual({ groups: 1, cohorts: 4, members: 7 });
});

test('there is one listener per group on the emitter, however many members it has', async () => {
  const { broker, emitter, groups } = groupScene();
  const members = Array.from({ length: 50 }, (_, index) => new Listener(String(index)));

  await Promise.all(members.map((member) => groups.join(red, member)));

  expect([emitter.listenerCount, broker.listenerCount]).toEqual([1, 1]);
});

test('leaving what one is not in changes nothing', async () => {
  const { groups } = groupScene();
  const [alice, bob] = [new Listener('alice', 'same'), new Listener('bob', 'same')];
  await groups.join(red, alice);

  groups.leave(red, bob);
  groups.leave(red, new Listener('carol'));
  groups.leave(topicOf('blue'), alice);

  expect(groups.membersOf(red)).toEqual([alice]);
  expect(groups.stats).toEqual({ groups: 1, cohorts: 1, members: 1 });
});

test('membersOf() lists the members as they are at the call', async () => {
  const { groups } = groupScene();
  const [alice, bob] = [new Listener('alice'), new Listener('bob')];
  await Promise.all([groups.join(red, alice), groups.join(red, bob)]);

  const members = groups.membersOf(red);
  for (const member of members) groups.leave(red, member);

  expect(members).toEqual([alice, bob]);
  expect(groups.membersOf(red)).toEqual([]);
  expect(groups.membersOf(topicOf('blue'))).toEqual([]);
});

test('100,000 members leave one group without the last ones waiting for the first', async () => {
  const { broker, emitter, groups } = groupScene();
  const members = Array.from({ length: 100_000 }, (_, index) => new Listener('', index % 1_000));
  await Promise.all(members.map((member) => groups.join(red, member)));
  emitter.hold('removeListener');

  for (const member of members) groups.leave(red, member);
  await emitter.whenHeld('removeListener');
  emitter.release('removeListener');
  await broker.close(1_000);

  expect(groups.stats).toEqual({ groups: 0, cohorts: 0, members: 0 });
  expect(emitter.calls).toEqual([`on ${red}`, `removeListener ${red}`, 'close']);
});
