import { type ConnectOptions, connect } from '@groupcast/testing';
import { expect, test } from 'vitest';
import { graphqlWsApp } from './support/graphql-ws-app.ts';
import type { HttpApp } from './support/http-app.ts';
import { httpApp } from './support/http-app.ts';
import { scriptedApp } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

/** Resolves when each socket of the server has closed. */
async function allClosed({ sockets }: HttpApp): Promise<void> {
  for (const socket of sockets) {
    if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  }
}

describeTransports('after the end nothing stays open', (connectTo) => {
  const ends: [string, (app: HttpApp) => Promise<unknown>][] = [
    ['close()', async (app) => (await connectTo(app)).close()],
    ['terminate()', async (app) => (await connectTo(app)).terminate()],
    ['a refused connection', (app) => connectTo(app, { params: { token: 'bad' } }).catch(() => {})],
    ['a refused upgrade', (app) => connectTo(app, { path: '/elsewhere' }).catch(() => {})],
    [
      'a close by the server',
      async (app) => {
        const alice = await connectTo(app);
        alice.sendRaw('broken');
        await alice.expectClose(4400);
      },
    ],
  ];

  for (const [name, end] of ends) {
    test(`${name} leaves no socket at the server`, async () => {
      const app = graphqlWsApp();

      await end(app);

      await allClosed(app);
      expect(app.sockets).toHaveLength(1);
    });
  }

  test('a connection that was given up leaves no socket at the server', async () => {
    const silent = scriptedApp({});
    const unanswering = httpApp();
    unanswering.server.on('upgrade', (_request, socket) =>
      socket.resume().on('end', () => socket.end()),
    );

    await expect(connectTo(silent, { timeoutMs: 500 })).rejects.toThrow('nothing came');
    await expect(connectTo(unanswering, { timeoutMs: 5 })).rejects.toThrow('did not answer');

    await allClosed(silent);
    await allClosed(unanswering);
  });
});

test('the server closes as soon as the connections have', async () => {
  const app = graphqlWsApp();
  await app.listen();
  const options: ConnectOptions[] = [{}, { transport: 'socket' }];
  const connections = await Promise.all(options.map((option) => connect(app, option)));

  for (const connection of connections) await connection.close();

  await new Promise((resolve) => app.server.close(resolve));
});
