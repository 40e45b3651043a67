import { makeExecutableSchema } from '@graphql-tools/schema';
import { defineSubscription, SKIP, type SubscriptionOptions } from '@groupcast/fastify';
import { describe, expect, test } from 'vitest';
import { deliveryScene } from './support/delivery-scene.ts';
import { createGate } from './support/gate.ts';

interface Context {
  readonly user: string;
}

const typeDefs = `
  type Query { hello: String }
  type Subscription { onMessage: String }
`;
const document = 'subscription { onMessage }';

function scene(
  definition: Partial<SubscriptionOptions<string, Record<string, unknown>, Context>>,
  options: Parameters<typeof deliveryScene>[1] = {},
) {
  const onMessage = defineSubscription<string, Record<string, unknown>, Context>({
    subscribe: () => 'all',
    ...definition,
  });
  const schema = makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } });
  return deliveryScene(schema, options);
}

describe('E6 a subscriber that ends while publish runs', () => {
  test('leaves a run for itself that settles and that nobody is told about', async () => {
    const gate = createGate();
    const { deliver, log, subscriber } = scene({
      share: false,
      publish: () => gate.arrive().then(() => 'late'),
    });
    const ann = await subscriber({ document });
    const [result] = deliver([ann], 'x');

    await gate.arrived();
    ann.end();
    gate.open();

    await expect(Promise.resolve(result).then(() => 'settled')).resolves.toBe('settled');
    expect(log).toEqual([]);
  });

  test('takes nothing from the other members of its cohort', async () => {
    const gate = createGate();
    const { notification, subscriber } = scene({
      publish: (_message) => gate.arrive().then(() => 'late'),
    });
    const ann = await subscriber({ document });
    const bob = await subscriber({ document });
    const shared = notification(ann.plan, 'x');
    const results = [shared.resultFor(ann), shared.resultFor(bob)];

    await gate.arrived();
    shared.release(ann);
    gate.open();

    await expect(results[1]).resolves.toBe('{"data":{"onMessage":"late"}}');
    expect(gate.arrivals).toBe(1);
  });

  test('as the last one that waits leaves a result for the member whose turn comes later', async () => {
    const gate = createGate();
    const { log, notification, subscriber } = scene({
      publish: (_message) => gate.arrive().then(() => 'late'),
    });
    const ann = await subscriber({ document });
    const bob = await subscriber({ document });
    const shared = notification(ann.plan, 'x');
    const first = shared.resultFor(ann);

    await gate.arrived();
    shared.release(ann);
    const second = shared.resultFor(bob);
    gate.open();

    await first;
    await expect(second).resolves.toBe('{"data":{"onMessage":"late"}}');
    expect(log).toEqual([]);
  });
});

describe('a result never fails to come', () => {
  test('when the context of shareBy is rejected: everyone gets a result of its own', async () => {
    const { deliver, log, subscriber } = scene({
      shareBy: { key: () => 'en', context: () => Promise.reject(new Error('no context')) },
      publish: (_message, _args, { user }) => user,
    });
    const ann = await subscriber({ document, context: { user: 'ann' } });
    const bob = await subscriber({ document, context: { user: 'bob' } });

    await expect(Promise.all(deliver([ann, bob], 'x'))).resolves.toEqual([
      '{"data":{"onMessage":"ann"}}',
      '{"data":{"onMessage":"bob"}}',
    ]);
    expect(log).toHaveLength(1);
  });
});

test('P1 SKIP is understood from any thenable', async () => {
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: promises of other libraries are what is tested
    then: (resolve: (value: unknown) => void) => resolve(SKIP),
  };
  const { deliver, subscriber } = scene({ publish: () => thenable });
  const ann = await subscriber({ document });

  const [result] = deliver([ann], 'x');

  await expect(result).resolves.toBeUndefined();
});

test('a result is there in the same tick when all functions of the app are synchronous', async () => {
  const { deliver, subscriber } = scene({
    filter: () => true,
    publish: (message) => message,
  });
  const ann = await subscriber({ document });

  expect(deliver([ann], 'x')).toEqual(['{"data":{"onMessage":"x"}}']);
});
