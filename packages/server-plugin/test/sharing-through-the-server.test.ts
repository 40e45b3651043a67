import { AsyncLocalStorage } from 'node:async_hooks';
import { defineSubscription, type SubscriptionOptions } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { type StartedApp, startApp } from './support/start-app.ts';
import { describeBoth, type Wire } from './support/wires.ts';

interface Context {
  readonly user: string;
}

type Resolvers = Record<string, Record<string, unknown>>;

interface Situation {
  /** The definition, but for `subscribe`. */
  readonly definition?: Partial<SubscriptionOptions<never, Record<string, unknown>, Context>>;
  readonly resolvers?: Resolvers;
  readonly middleware?: readonly ((...args: never[]) => unknown)[];
  readonly document?: string;
  readonly variables?: Record<string, unknown>;
  readonly payload?: unknown;
}

const typeDefs = `
  interface Node { id: ID }
  type Author implements Node { id: ID, name: String }
  type Message implements Node { id: ID, text(upper: Boolean): String, author: Author, related: [Thing] }
  union Thing = Author | Message
  type Query { hello: String }
  type Subscription { onMessage: Message }
`;

const payload = { id: '1', text: 'hi', author: { __typename: 'Author', id: 'a', name: 'Ann' } };

/** Two users with contexts of their own hear one event; tells what they got and how often `publish` ran. */
async function hear(wire: Wire, situation: Situation) {
  let publications = 0;
  const publish = situation.definition?.publish;
  const onMessage = defineSubscription<unknown, Record<string, unknown>, Context>({
    subscribe: () => 'all',
    // Counts without declaring a parameter, so that counting does not hinder sharing.
    publish: (message: unknown) => {
      publications += 1;
      return message;
    },
    ...situation.definition,
  } as SubscriptionOptions<unknown, Record<string, unknown>, Context>);
  const { app, connect, log } = await startApp(wire, {
    typeDefs,
    resolvers: { Subscription: { onMessage }, ...situation.resolvers },
    context: ({ connection }) => ({ user: String(connection.params['user']) }),
    ...(situation.middleware && { middleware: situation.middleware as never }),
  });
  const document = situation.document ?? 'subscription { onMessage { text } }';
  const [ann, bob] = [
    await connect({ params: { user: 'ann' } }),
    await connect({ params: { user: 'bob' } }),
  ];
  const options = situation.variables ? { variables: situation.variables } : {};
  const subscriptions = [
    await ann.subscribe(document, options),
    await bob.subscribe(document, options),
  ] as const;
  await app.broadcast(onMessage, { group: 'all', payload: situation.payload ?? payload });
  const results = [await subscriptions[0].next(), await subscriptions[1].next()];
  return {
    app,
    log,
    onMessage,
    subscriptions,
    publications: publish === undefined ? publications : undefined,
    results: results.map(({ data, errors }) => errors ?? data),
    explanation: app.graphqlWs.explainSharing(document),
  };
}

function textsOf(results: readonly unknown[]): unknown[] {
  return results.map((result) =>
    typeof result === 'object' && result !== null && 'onMessage' in result
      ? (result.onMessage as { text: unknown }).text
      : result,
  );
}

describeBoth('a result is computed once', (wire) => {
  const provable: Record<string, Situation> = {
    'for plain properties': {},
    'for resolvers of (source, args)': {
      resolvers: {
        Message: {
          text: {
            resolve: (message: { text: string }, args: { upper?: boolean }) =>
              args.upper ? message.text.toUpperCase() : message.text,
          },
        },
      },
    },
    'through aliases, fragments, interfaces and unions': {
      document: `subscription { onMessage { t: text, ...N, author { ... on Node { id } name }, related { ... on Author { name } ... on Message { text } } } }
        fragment N on Node { id }`,
      resolvers: { Thing: { __resolveType: () => 'Author' } },
    },
    'with __typename': { document: 'subscription { __typename onMessage { __typename text } }' },
    'with @include and @skip by variables': {
      document:
        'subscription ($a: Boolean!) { onMessage { text @include(if: $a) id @skip(if: $a) } }',
      variables: { a: true },
    },
    'with middleware of (resolve, root, args)': {
      middleware: [(resolve: () => unknown, _root: unknown, _args: unknown) => resolve()] as never,
    },
    'with a function outside of the selection that sees the context': {
      resolvers: { Author: { name: (_s: unknown, _a: unknown, context: Context) => context.user } },
    },
  };

  test.each(Object.entries(provable))('%s', async (_name, situation) => {
    if (situation.document?.startsWith('subscription { __typename')) {
      // Two root fields are no valid subscription: the inner __typename is what matters.
      situation = { ...situation, document: 'subscription { onMessage { __typename text } }' };
    }
    const { explanation, publications, results } = await hear(wire, situation);

    expect(publications).toBe(1);
    expect(results[0]).toEqual(results[1]);
    expect(explanation.shared).toBe('proven');
  });

  test('for whoever has the same key of shareBy, with the context of the key alone', async () => {
    const seen: unknown[] = [];
    const { explanation, results } = await hear(wire, {
      definition: {
        shareBy: { key: () => 'en', context: (key) => ({ user: `nobody in ${key}` }) },
        publish: ((message: { text: string }, _args: unknown, context: Context) => {
          seen.push(context);
          return { ...message, text: context.user };
        }) as never,
      },
    });

    expect(textsOf(results)).toEqual(['nobody in en', 'nobody in en']);
    expect(seen).toEqual([{ user: 'nobody in en' }]);
    expect(explanation.shared).toBe('said');
  });
});

describeBoth('nobody gets the result of another', (wire) => {
  const readsUser = (message: { text: string }, _args: unknown, context: Context): string =>
    `${message.text} ${context.user}`;
  const nobody: Context = { user: 'nobody' };
  const users = new WeakMap<object, string>();
  // As objects: @graphql-tools/schema binds resolvers that are given as functions.
  const dependent: Record<string, { readonly resolve: unknown; readonly reason: string }> = {
    'when a resolver declares the context': {
      resolve: readsUser,
      reason: 'declares 3 parameters',
    },
    'when a resolver has a rest parameter': {
      resolve: (...all: Parameters<typeof readsUser>) => readsUser(...all),
      reason: 'has a rest parameter',
    },
    'when a resolver has a default value': {
      resolve: (message: { text: string }, args: unknown, context: Context = nobody) =>
        readsUser(message, args, context),
      reason: 'has a default value',
    },
    'when a resolver reads arguments': {
      resolve(message: { text: string }) {
        // biome-ignore lint/complexity/noArguments: that it can be reached so is what is tested
        return readsUser(message, undefined, arguments[2] as Context);
      },
      reason: 'mentions arguments',
    },
    'when a resolver is bound': {
      resolve: readsUser.bind(undefined),
      reason: 'is native, bound or a proxy',
    },
    'when a resolver uses the context as a key': {
      resolve: (message: { text: string }, _args: unknown, context: object & Context) => {
        if (!users.has(context)) users.set(context, context.user);
        return `${message.text} ${users.get(context)}`;
      },
      reason: 'declares 3 parameters',
    },
    'when a resolver swallows what a throw tells': {
      resolve: (message: { text: string }, _args: unknown, context: Context) => {
        try {
          return `${message.text} ${context.user}`;
        } catch {
          return 'nobody';
        }
      },
      reason: 'declares 3 parameters',
    },
  };

  test.each(Object.entries(dependent))('%s', async (_name, { resolve, reason }) => {
    const { explanation, publications, results } = await hear(wire, {
      resolvers: { Message: { text: { resolve } } },
    });

    expect(textsOf(results)).toEqual(['hi ann', 'hi bob']);
    expect(publications).toBe(2);
    expect(explanation.shared).toBe('never');
    expect(explanation.findings).toContainEqual({
      field: 'Message.text',
      reason: expect.stringContaining(reason),
    });
  });

  test('when a middleware declares the context', async () => {
    const { publications, results } = await hear(wire, {
      middleware: [
        async (
          resolve: () => unknown,
          _root: unknown,
          _args: unknown,
          context: Context,
          info: { fieldName: string },
        ) => {
          const value = await resolve();
          return info.fieldName === 'text' ? `${value} ${context.user}` : value;
        },
      ] as never,
    });

    expect(textsOf(results)).toEqual(['hi ann', 'hi bob']);
    expect(publications).toBe(2);
  });

  test('when resolveType sees the context', async () => {
    const { explanation, results } = await hear(wire, {
      document: 'subscription { onMessage { related { ... on Message { text } __typename } } }',
      payload: { id: '1', related: [{ text: 'x', name: 'x' }] },
      resolvers: {
        Thing: {
          __resolveType: (_value: unknown, context: Context) =>
            context.user === 'ann' ? 'Author' : 'Message',
        },
      },
    });

    expect(results).toEqual([
      { onMessage: { related: [{ __typename: 'Author' }] } },
      { onMessage: { related: [{ __typename: 'Message', text: 'x' }] } },
    ]);
    expect(explanation.findings).toContainEqual(
      expect.objectContaining({ field: 'Thing.resolveType', reason: expect.any(String) }),
    );
  });

  test('when isTypeOf of a possible type sees the context', async () => {
    const { explanation, publications } = await hear(wire, {
      document: 'subscription { onMessage { related { __typename } } }',
      payload: { id: '1', related: [] },
      resolvers: {
        Author: { __isTypeOf: (_value: unknown, context: Context) => context.user === 'ann' },
      },
    });

    expect(explanation.shared).toBe('never');
    expect(publications).toBe(2);
  });

  test('when publish declares the context', async () => {
    const { explanation, results } = await hear(wire, {
      definition: {
        publish: ((message: object, _args: unknown, context: Context) => ({
          ...message,
          text: context.user,
        })) as never,
      },
    });

    expect(textsOf(results)).toEqual(['ann', 'bob']);
    expect(explanation.why).toContain('publish');
  });

  test('when the value has a method that receives the context', async () => {
    const publish = (message: object) => ({
      ...message,
      text: (_args: unknown, context: Context) => context.user,
    });
    const { app, log, onMessage, results, subscriptions } = await hear(wire, {
      definition: { publish: publish as never },
    });
    await app.broadcast(onMessage, { group: 'all', payload });

    expect(textsOf(results)).toEqual(['ann', 'bob']);
    await subscriptions[0].expectNext({ onMessage: { text: 'ann' } });
    await subscriptions[1].expectNext({ onMessage: { text: 'bob' } });
    const warnings = log.filter(({ details }) => 'culprits' in details);
    expect(warnings.map(({ details }) => details['culprits'])).toEqual([['Message.text']]);
    expect(app.graphqlWs.explainSharing('subscription { onMessage { text } }').shared).toBe(
      'never',
    );
  });

  test('when a method of the value swallows what a throw tells', async () => {
    const publish = (message: object) => ({
      ...message,
      text: (_args: unknown, context: Context) => {
        try {
          return context.user;
        } catch {
          return 'nobody';
        }
      },
    });
    const { results } = await hear(wire, { definition: { publish: publish as never } });

    expect(textsOf(results)).toEqual(['ann', 'bob']);
  });

  test('when the definition says share: false', async () => {
    const { explanation, publications } = await hear(wire, { definition: { share: false } });

    expect(publications).toBe(2);
    expect(explanation.shared).toBe('never');
  });

  test('when shareBy gives different keys, none, or fails', async () => {
    const keys: Record<string, (context: Context) => string | null> = {
      different: ({ user }) => user,
      none: () => null,
      failing: () => {
        throw new Error('no key');
      },
    };
    for (const key of Object.values(keys)) {
      const { results } = await hear(wire, {
        definition: {
          shareBy: { key, context: (user: string) => ({ user }) } as never,
          publish: ((message: object, _args: unknown, context: Context) => ({
            ...message,
            text: context.user,
          })) as never,
        },
      });

      expect(textsOf(results)).toEqual(['ann', 'bob']);
    }
  });
});

describeBoth('values of one subscriber', (wire) => {
  const mutate = (message: { text: string }): { text: string } => {
    message.text += '!';
    return message;
  };

  test('P8 a filter that changes a payload changes it for nobody else', async () => {
    const withDate = { ...payload, sentAt: new Date(0) };
    const { results } = await hear(wire, {
      payload: withDate,
      definition: {
        filter: ((message: { text: string }) => Boolean(mutate(message))) as never,
      },
    });

    expect(textsOf(results)).toEqual(['hi', 'hi']);
  });

  test('P8 a publish that changes a payload changes it for nobody else', async () => {
    const withDate = { ...payload, sentAt: new Date(0) };
    const { results } = await hear(wire, {
      payload: withDate,
      definition: { share: false, publish: mutate as never },
    });

    expect(textsOf(results)).toEqual(['hi!', 'hi!']);
  });

  test('P8 a plain payload is frozen: a publish that changes it fails', async () => {
    const { results } = await hear(wire, { definition: { publish: mutate as never } });

    expect(results).toEqual([
      [expect.objectContaining({ message: 'Internal server error' })],
      [expect.objectContaining({ message: 'Internal server error' })],
    ]);
  });

  test('C6 a run sees the asynchronous context of its subscribe, or of the registration, never the publisher', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const started: StartedApp = await storage.run('registration', async () => {
      const onMessage = defineSubscription({
        subscribe: () => 'all',
        publish: (message: { text: string }) => {
          seen.push(storage.getStore());
          return message;
        },
        filter: (_message: { text: string }) => {
          seen.push(storage.getStore());
          return true;
        },
      });
      return startApp(wire, { typeDefs, resolvers: { Subscription: { onMessage } } });
    });
    const client = await storage.run('subscriber', () => started.connect());
    const messages = await storage.run('subscriber', () =>
      client.subscribe('subscription { onMessage { text } }'),
    );

    await storage.run('publisher', () =>
      started.app.broadcast('onMessage', { group: 'all', payload }),
    );

    await messages.expectNext({ onMessage: { text: 'hi' } });
    expect(seen).toHaveLength(2);
    expect(seen).not.toContain('publisher');
    expect(seen[1]).toBe('registration');
  });
});
