import { connect, expectNoLeaks, forEachProtocol, heldBroker } from '@groupcast/testing';
import { describe, expect, test, vi } from 'vitest';

import { onMessage, pluginApp } from './support/plugin-app.ts';

const hearKittens = 'subscription { onMessage(room: "kittens") { text } }';
const askForGaps = { extensions: { groupcast: { v: 1, gaps: true } } };
const brokerGap = {
  data: null,
  extensions: { groupcast: { v: 1, gap: { reason: 'broker' } } },
};
const hi = { group: 'kittens', payload: { text: 'hi' } };
const heardHi = { onMessage: { text: 'hi' } };

forEachProtocol((protocol) => {
  /** An app on a held broker, and a client that wants to be told of gaps. */
  async function stage() {
    const broker = heldBroker();
    const app = await pluginApp({ emitter: broker.emitter });
    const statuses: string[] = [];
    app.graphqlWs.on('health', ({ status }) => statuses.push(status));
    const alice = await connect(app, { protocol });
    const kittens = await alice.subscribe(hearKittens, askForGaps);
    return { broker, app, alice, kittens, statuses };
  }

  describe(`a broker that fails (${protocol})`, () => {
    test('broadcasts that it refuses reject and reach nobody; the next one makes it known', async () => {
      const { broker, app, alice, kittens, statuses } = await stage();
      broker.fail(2, new Error('OOM command not allowed'));

      for (let n = 0; n < 2; n += 1) {
        await expect(app.broadcast(onMessage, hi)).rejects.toMatchObject({
          code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
          message: 'Cannot broadcast: the broker failed: OOM command not allowed',
        });
      }
      await kittens.expectSilence();
      expect(statuses).toEqual(['degraded']);
      await app.broadcast(onMessage, { ...hi, group: 'nobody hears it' });

      await kittens.expectResult(brokerGap);
      await app.broadcast(onMessage, hi);
      await kittens.expectNext(heardHi);
      expect(statuses).toEqual(['degraded', 'up']);
      await alice.close();
      await expectNoLeaks(app);
    });

    test('fail(0) takes it back', async () => {
      const { broker, app, alice, kittens } = await stage();
      broker.fail();
      broker.fail(0);

      await app.broadcast(onMessage, hi);

      await kittens.expectNext(heardHi);
      await alice.close();
    });

    test('while it is down nothing gets through, and the health shows it', async () => {
      const { broker, app, alice, kittens, statuses } = await stage();

      broker.down(new Error('ECONNRESET'));

      expect(app.graphqlWs.health).toMatchObject({
        status: expect.not.stringMatching('up'),
        lastError: { message: 'ECONNRESET' },
      });
      await expect(app.broadcast(onMessage, hi)).rejects.toThrow('ECONNRESET');
      const puppies = alice.start('subscription { onMessage(room: "puppies") { text } }');
      await puppies.expectError(/could not be joined/);
      await kittens.expectSilence();
      expect(statuses).not.toContain('up');
      broker.back();
      await alice.close();
      await expectNoLeaks(app);
    });

    test('when it is back subscribers are told of the gap, and hear what comes then', async () => {
      const { broker, app, alice, kittens } = await stage();
      broker.down();
      await expect(app.broadcast(onMessage, hi)).rejects.toThrow('the test has taken it down');

      broker.back();

      await kittens.expectResult(brokerGap);
      await vi.waitFor(() => expect(app.graphqlWs.health.status).toBe('up'));
      await app.broadcast(onMessage, hi);
      await kittens.expectNext(heardHi);
      await kittens.expectSilence();
      await alice.close();
      await expectNoLeaks(app);
    });

    test('it can go down again and again, each time with a gap', async () => {
      const { broker, app, alice, kittens } = await stage();
      for (let n = 0; n < 3; n += 1) {
        broker.down();
        broker.back();
        await kittens.expectResult(brokerGap);
        await app.broadcast(onMessage, hi);
        await kittens.expectNext(heardHi);
      }
      await kittens.expectSilence();
      await alice.close();
      await expectNoLeaks(app);
    });

    test('what was held or on its way when it went down is lost', async () => {
      const { broker, app, alice, kittens } = await stage();
      broker.delay(1_000_000);
      await app.broadcast(onMessage, hi);
      broker.hold();
      await app.broadcast(onMessage, hi);
      broker.hold('join');
      const puppies = alice.start('subscription { onMessage(room: "puppies") { text } }');
      await broker.whenHeld(3);

      broker.down();
      expect(broker.held).toEqual([]);
      broker.release();
      broker.back();

      await puppies.expectError(/could not be joined/);
      await kittens.expectResult(brokerGap);
      await kittens.expectSilence();
      await alice.close();
      await expectNoLeaks(app);
    });

    test('an app that starts while it is down works when it is back', async () => {
      const broker = heldBroker();
      broker.down();
      const app = await pluginApp({ emitter: broker.emitter });
      const alice = await connect(app, { protocol });
      await alice.start(hearKittens).expectError(/could not be joined/);

      broker.back();

      await vi.waitFor(() => expect(app.graphqlWs.health.status).toBe('up'));
      const kittens = await alice.subscribe(hearKittens);
      await app.broadcast(onMessage, hi);
      await kittens.expectNext(heardHi);
      await alice.close();
      await expectNoLeaks(app);
    });
  });

  describe(`two processes (${protocol})`, () => {
    /** Two apps on one broker, each with a client that hears the same group. */
    async function twoApps() {
      const here = heldBroker();
      const there = here.peer();
      const apps = {
        here: await pluginApp({ emitter: here.emitter }),
        there: await pluginApp({ emitter: there.emitter }),
      };
      const alice = await connect(apps.here, { protocol });
      const bob = await connect(apps.there, { protocol });
      return {
        brokers: { here, there },
        apps,
        alice: await alice.subscribe(hearKittens, askForGaps),
        bob: await bob.subscribe(hearKittens, askForGaps),
        leave: async () => {
          for (const each of [alice, bob]) await each.close();
          for (const app of Object.values(apps)) await expectNoLeaks(app);
        },
      };
    }

    test('may share one emitter, whose deliveries then go to both at once', async () => {
      const broker = heldBroker();
      const apps = [
        await pluginApp({ emitter: broker.emitter }),
        await pluginApp({ emitter: broker.emitter }),
      ] as const;
      const clients = await Promise.all(apps.map((app) => connect(app, { protocol })));
      const kittens = await Promise.all(clients.map((client) => client.subscribe(hearKittens)));
      broker.hold();
      await apps[0].broadcast(onMessage, hi);

      for (const each of kittens) await each.expectSilence();
      const [delivery] = await broker.whenHeld();
      delivery.release();

      for (const each of kittens) {
        await each.expectNext(heardHi);
        await each.expectSilence();
      }
      for (const client of clients) await client.close();
      for (const app of apps) await expectNoLeaks(app);
    });

    test('hear what either broadcasts, each in its own time', async () => {
      const { brokers, apps, alice, bob, leave } = await twoApps();
      brokers.there.hold();

      await apps.here.broadcast(onMessage, hi);

      await alice.expectNext(heardHi);
      await bob.expectSilence();
      expect(brokers.here.held).toEqual([]);
      brokers.there.release();
      await bob.expectNext(heardHi);
      await apps.there.broadcast(onMessage, hi);
      await alice.expectNext(heardHi);
      await bob.expectNext(heardHi);
      await leave();
    });

    test('one that has lost the broker misses what the other broadcasts, and is told so', async () => {
      const { brokers, apps, alice, bob, leave } = await twoApps();
      brokers.there.down();

      await apps.here.broadcast(onMessage, hi);
      brokers.there.back();

      await alice.expectNext(heardHi);
      await bob.expectResult(brokerGap);
      for (const each of [alice, bob]) await each.expectSilence();
      expect(apps.here.graphqlWs.health).not.toHaveProperty('lastError');
      await leave();
    });

    test('a broadcast that one is refused, or loses, is no matter of the other', async () => {
      const { brokers, apps, alice, bob, leave } = await twoApps();
      brokers.here.fail();
      await expect(apps.here.broadcast(onMessage, hi)).rejects.toThrow('the test lets it fail');
      await apps.there.broadcast(onMessage, hi);
      await alice.expectNext(heardHi);
      await bob.expectNext(heardHi);

      brokers.here.hold();
      await apps.there.broadcast(onMessage, hi);
      const [lost] = await brokers.here.whenHeld();
      lost.drop();

      await bob.expectNext(heardHi);
      await alice.expectSilence();
      await leave();
    });
  });
});

test('the emitter tells of its connection as that of Redis does', () => {
  const broker = heldBroker();
  const told: unknown[] = [];
  const { state } = broker.emitter;
  for (const event of ['error', 'subConnect', 'pubConnect']) {
    state.on(event, (error?: Error) => told.push(error?.message ?? event));
  }

  broker.down(new Error('ECONNREFUSED'));
  expect(told).toEqual(['ECONNREFUSED']);
  broker.back();

  expect(told).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'subConnect', 'pubConnect']);
});

test('nobody needs to listen to the errors of its connection', () => {
  const broker = heldBroker();

  broker.down();

  expect(() => broker.back()).not.toThrow();
});

test('what is not for groups is neither held nor refused, but lost while it is down', async () => {
  const broker = heldBroker();
  const heard: unknown[] = [];
  broker.emitter.on('groupcast:c', ({ payload }) => heard.push(payload));
  const emit = (payload: string) =>
    new Promise<Error | undefined>((resolve) =>
      broker.emitter.emit({ topic: 'groupcast:c', payload }, resolve),
    );
  broker.hold();
  broker.hold('join');
  broker.delay(1_000_000);
  broker.fail();

  expect(await emit('1')).toBeUndefined();
  broker.down(new Error('ECONNRESET'));
  expect(await emit('2')).toEqual(new Error('ECONNRESET'));

  expect(heard).toEqual(['1']);
});
