import { connect, expectNoLeaks, forEachProtocol } from '@groupcast/testing';
import mqemitter from 'mqemitter';
import { describe, expect, test } from 'vitest';

import { onMessage, pluginApp } from './support/plugin-app.ts';

const subscription = 'subscription { onMessage(room: "kittens") { text } }';

forEachProtocol((protocol) =>
  describe(`two apps with one emitter (${protocol})`, () => {
    test('what one broadcasts reaches the clients of both', async () => {
      const emitter = mqemitter();
      const apps = [await pluginApp({ emitter }), await pluginApp({ emitter })] as const;
      for (const app of apps) {
        await using alice = await connect(app, { protocol });
        await using bob = await connect(apps[1], { protocol });
        const kittens = [await alice.subscribe(subscription), await bob.subscribe(subscription)];

        await apps[0].broadcast(onMessage, { group: 'kittens', payload: { text: 'hi' } });

        for (const each of kittens) {
          await each.expectNext({ onMessage: { text: 'hi' } });
          await each.expectSilence();
        }
      }
      for (const app of apps) await expectNoLeaks(app);
    });

    test('apps with emitters of their own do not hear each other, which fails in time', async () => {
      const [here, there] = [await pluginApp(), await pluginApp()];
      await using alice = await connect(there, { protocol, timeoutMs: 200 });
      const kittens = await alice.subscribe(subscription);

      await here.broadcast(onMessage, { group: 'kittens', payload: { text: 'hi' } });

      await kittens.expectSilence();
      await expect(kittens.next()).rejects.toThrow(
        'Expected operation op1 to have a result, but nothing came within 200 ms',
      );
    });
  }),
);
