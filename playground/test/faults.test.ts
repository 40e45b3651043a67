import { connect } from '@groupcast/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createPlayground } from '../src/server/create-playground.ts';
import { RestartableServer } from '../src/server/restartable-server.ts';
import type { Settings } from '../src/server/settings.ts';
import { createFor } from '../src/server/start-playground.ts';

const RESTART = 'mutation { restartServer }';

const settings: Settings = {
  host: '127.0.0.1',
  port: 0,
  logLevel: 'silent',
  redisUrl: undefined,
  processes: 1,
};

/** What a server that is made so says to a page that wants it restarted. */
async function askForRestart(restart: (() => void) | undefined) {
  const app = await createFor(settings, { restart });
  onTestFinished(() => app.close());
  const client = await connect(app, { params: { name: 'Ann' } });
  return client.query(RESTART);
}

test('a page may have the server restarted', async () => {
  const restart = vi.fn();

  const { data } = await askForRestart(restart);

  expect(data).toEqual({ restartServer: true });
  expect(restart).toHaveBeenCalledOnce();
});

test('in production no page may', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  onTestFinished(() => void vi.unstubAllEnvs());
  const restart = vi.fn();

  const { errors } = await askForRestart(restart);

  expect(errors).toMatchObject([{ message: 'This server is not restarted from pages' }]);
  expect(restart).not.toHaveBeenCalled();
});

test('a stop in the middle of a restart stops it', async () => {
  let stopping: Promise<void> | undefined;
  const watched: string[] = [];
  const server: RestartableServer = new RestartableServer(settings, {
    watch: () => {
      watched.push('begin');
      return () => watched.push('end');
    },
    restarting: () => {
      stopping = server.close();
    },
    restarted: () => watched.push('restarted'),
    failed: (sentence) => watched.push(sentence),
  });
  const start = await server.start();
  const url = start.name === 'listening' ? start.url : start.sentence;
  if (!server.app) throw new Error(url);
  const client = await connect(server.app, { transport: 'socket', params: { name: 'Ann' } });

  await client.query(RESTART);
  await stopping;

  await expect(fetch(url)).rejects.toThrow('fetch failed');
  expect(watched).toEqual(['begin', 'end']);
});

test('who cuts their connection gets no close frame, and others hear what is said meanwhile', async () => {
  const app = await createPlayground();
  onTestFinished(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const ann = await connect(app, { transport: 'socket', params: { name: 'Ann' } });
  const ben = await connect(app, { params: { name: 'Ben' } });
  const heard = await ben.subscribe('subscription { onMessage(room: "kittens") { author } }');

  ann.start('mutation { cutConnection(room: "kittens") }');

  await ann.expectClose(1006);
  await heard.expectNext({ onMessage: { author: 'The server' } });
});
