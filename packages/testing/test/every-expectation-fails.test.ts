import { connect, forEachProtocol, type TestConnection } from '@groupcast/testing';
import { describe, expect, test } from 'vitest';

import { failureOf } from './support/masked-failure.ts';
import { onMessage, pluginApp } from './support/plugin-app.ts';

const subscription = 'subscription { onMessage(room: "kittens") { text } }';

/** The first lines of failures, by what was expected. */
class Failures {
  readonly lines: Record<string, string | undefined> = {};

  async add(name: string, expectation: Promise<unknown>): Promise<void> {
    this.lines[name] = (await failureOf(expectation)).split('\n')[0];
  }
}

forEachProtocol((protocol) =>
  describe(`failures, one on purpose for each expectation (${protocol})`, () => {
    /** A client with a subscription that has received this. */
    async function listener(text: string) {
      const app = await pluginApp();
      const alice = await connect(app, { protocol, timeoutMs: 200 });
      const kittens = await alice.subscribe(subscription);
      await app.broadcast(onMessage, { group: 'kittens', payload: { text } });
      await alice.fence();
      return { app, alice, kittens };
    }

    test('of an operation that has other messages', async () => {
      const failures = new Failures();
      const expectations = {
        expectNext: (it) => it.expectNext({ onMessage: { text: 'ho' } }),
        'expectNext with a matcher': (it) =>
          it.expectNext({ onMessage: { text: expect.any(Number) } }),
        'expectNext with a check': (it) => it.expectNext(() => false),
        expectResult: (it) => it.expectResult({ data: null }),
        expectError: (it) => it.expectError(/denied/),
        expectComplete: (it) => it.expectComplete(),
        expectSilence: (it) => it.expectSilence(),
        until: (it) => it.until(() => false),
      } satisfies Record<string, (it: ReturnType<TestConnection['start']>) => Promise<unknown>>;

      for (const [name, expectation] of Object.entries(expectations)) {
        const { alice, kittens } = await listener('hi');
        await failures.add(name, expectation(kittens));
        await alice.close();
      }

      expect(failures.lines).toMatchInlineSnapshot(`
        {
          "expectComplete": "Expected operation op1 to complete, but it received next { data: { onMessage: { text: 'hi' } } }",
          "expectError": "Expected operation op1 to fail with errors that match /denied/, but it received next { data: { onMessage: { text: 'hi' } } }",
          "expectNext": "Expected operation op1 to have the result { data: { onMessage: { text: 'ho' } } }, but it received next { data: { onMessage: { text: 'hi' } } }",
          "expectNext with a check": "Expected operation op1 to have data that fit, but it received next { data: { onMessage: { text: 'hi' } } }",
          "expectNext with a matcher": "Expected operation op1 to have the result { data: { onMessage: { text: Any<Number> } } }, but it received next { data: { onMessage: { text: 'hi' } } }",
          "expectResult": "Expected operation op1 to have the result { data: null }, but it received next { data: { onMessage: { text: 'hi' } } }",
          "expectSilence": "Expected operation op1 to be silent, but it received next { data: { onMessage: { text: 'hi' } } }",
          "until": "Expected operation op1 to have a result that fits after 1 that did not, but nothing came within 200 ms",
        }
      `);
    });

    test('of an operation that ends or says nothing', async () => {
      const failures = new Failures();
      const { alice, kittens } = await listener('hi');
      await kittens.next();

      await failures.add('next', kittens.next());
      const anything = kittens.until(() => true);
      await failures.add('until', anything);
      await failures.add('next of one that was refused', alice.start('{ hello').next());
      const refused = await alice.subscribe('subscription { unknown }');
      await failures.add('expectError with another text', refused.expectError('denied'));
      await failures.add('query', alice.query('{ unknown }'));
      kittens.stop();
      await failures.add('next after stop', kittens.next());
      await alice.close();

      expect(failures.lines).toMatchSnapshot();
    });

    test('of the connection', async () => {
      const failures = new Failures();
      const { alice } = await listener('hi');

      await failures.add('expectSilence', alice.expectSilence());
      await failures.add('receive', alice.receive());
      await failures.add('expectMessage', alice.expectMessage({ type: 'pong' }));
      await failures.add('expectClose in time', alice.expectClose(4400));
      alice.sendRaw('broken');
      if (protocol === 'graphql-ws') alice.send({ type: 'connection_terminate' });
      await alice.closed;
      await failures.add('expectClose with another code', alice.expectClose(4499, /bye/));
      await failures.add('fence', alice.fence());

      expect(failures.lines).toMatchSnapshot();
    });

    test('of a connection that is refused', async () => {
      const failures = new Failures();
      const app = await pluginApp({
        onConnect: () => false,
        allowedOrigins: ['https://example.org'],
      });

      await failures.add('connect', connect(app, { protocol }));
      await failures.add('upgrade', connect(app, { protocol, origin: 'https://example.com' }));

      expect(failures.lines).toMatchSnapshot();
    });
  }),
);
