import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription } from '@groupcast/fastify';
import { expect, test, vi } from 'vitest';
import { WeakValues } from '../src/delivery/weak-values.ts';
import { deliveryScene } from './support/delivery-scene.ts';

const typeDefs = `
  scalar Any
  type Query { hello: String }
  type Subscription { onMessage(any: Any): String }
`;
const document = 'subscription ($any: Any) { onMessage(any: $any) }';

function scene(share = true) {
  const onMessage = defineSubscription({ subscribe: () => 'all', share });
  return deliveryScene(
    makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } }),
  );
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('subscribers who asked for the same have the very same plan', async () => {
  const { subscriber } = scene();
  const planOf = async (any: unknown) => (await subscriber({ document, variables: { any } })).plan;

  expect(await planOf('a')).toBe(await planOf('a'));
  expect(await planOf({ deep: [1] })).toBe(await planOf({ deep: [1] }));
  expect(await planOf('a')).not.toBe(await planOf('b'));
  expect(await planOf(1)).not.toBe(await planOf('1'));
});

test('who shares with nobody has a plan of its own', async () => {
  const shared = scene();
  const own = scene(false);
  const twice = async ({ subscriber }: typeof own, any: unknown) => [
    (await subscriber({ document, variables: { any } })).plan,
    (await subscriber({ document, variables: { any } })).plan,
  ];
  const [one, other] = await twice(own, 'a');
  const [zero, otherZero] = await twice(shared, -0);

  expect(one).not.toBe(other);
  expect(zero).not.toBe(otherZero);
});

test('what one subscriber does to its variables is not in the plan of the others', async () => {
  const { subscriber } = scene();
  const any = { list: [1] };
  const { plan } = await subscriber({ document, variables: { any } });
  any.list.push(2);

  expect(plan.variables).toEqual({ any: { list: [1] } });
});

test('values that nobody holds are forgotten with their keys', async () => {
  const values = new WeakValues<{ readonly n: number }>();
  const held = { n: -1 };
  values.set('held', held);
  for (let n = 0; n < 1_000; n += 1) values.set(`key ${n}`, { n });

  await vi.waitFor(() => {
    collectGarbage();
    expect(values.size).toBe(1);
  });
  expect(values.get('held')).toBe(held);
  expect(values.get('key 1')).toBeUndefined();
});

test('a value that came under the key of one that was collected stays', async () => {
  const values = new WeakValues<object>();
  values.set('key', {});
  const later = {};
  values.set('key', later);
  for (let n = 0; n < 100; n += 1) values.set(`other ${n}`, {});

  await vi.waitFor(() => {
    collectGarbage();
    expect(values.size).toBe(1);
  });
  expect(values.get('key')).toBe(later);
});
