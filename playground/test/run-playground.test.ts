import { EventEmitter, once } from 'node:events';
import { createConnection } from 'node:net';
import { connect } from '@groupcast/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ProcessParts, runPlayground } from '../src/server/run-playground.ts';
import type { Settings } from '../src/server/settings.ts';

const settings: Settings = {
  host: '127.0.0.1',
  port: 0,
  logLevel: 'silent',
  redisUrl: undefined,
  processes: 1,
};

/** As much of a process as the playground sees. Signals are its events. */
class SmallProcess extends EventEmitter implements ProcessParts {
  exitCode: number | string | null | undefined;
  written = '';
  readonly stdout: ProcessParts['stdout'] = { write: (text) => this.#write(text) };
  readonly stderr: ProcessParts['stderr'] = { write: (text) => this.#write(text) };

  exit(code: number): void {
    this.exitCode = code;
    this.emit('exit');
  }

  #write(text: string): void {
    this.written += text;
  }
}

test('it tells where to open the playground, which answers there', async () => {
  const process = new SmallProcess();

  const app = await runPlayground(process, settings);

  const [url = ''] = process.written.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('Groupcast');
  expect(process.exitCode).toBeUndefined();
  await app?.close();
});

test.each(['SIGINT', 'SIGTERM'])('%s lets clients go and closes the server', async (signal) => {
  const process = new SmallProcess();
  const app = await runPlayground(process, settings);
  if (!app) throw new Error(process.written);
  const client = await connect(app, { transport: 'socket', params: { name: 'Alice' } });
  const closed = new Promise((resolve) => app.server.once('close', resolve));

  process.emit(signal);

  await client.expectClose(1012);
  await closed;
  expect(process.exitCode).toBeUndefined();
});

test('a second signal right after the first changes nothing, one that insists ends the process', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const process = new SmallProcess();
  await runPlayground(process, settings);

  process.emit('SIGINT');
  vi.advanceTimersByTime(400);
  process.emit('SIGINT');
  expect(process.exitCode).toBeUndefined();
  vi.advanceTimersByTime(200);
  process.emit('SIGTERM');

  expect(process.exitCode).toBe(1);
});

test('a connection that a browser opened in advance does not hold up the close', async () => {
  const process = new SmallProcess();
  const app = await runPlayground(process, settings);
  const { hostname, port } = new URL(app?.listeningOrigin ?? '');
  const accepted = app && once(app.server, 'connection');
  // Only a socket that is read notices its end.
  const socket = createConnection(Number(port), hostname).resume();
  const cutOff = once(socket, 'close');
  await accepted;

  process.emit('SIGINT');

  await cutOff;
});

test('a port that is taken is named, and gives the exit code 1', async () => {
  const first = await runPlayground(new SmallProcess(), settings);
  const { port } = new URL(first?.listeningOrigin ?? '');
  const process = new SmallProcess();

  const second = await runPlayground(process, { ...settings, port: Number(port) });

  expect(second).toBeUndefined();
  expect(process.exitCode).toBe(1);
  expect(process.written).toBe(
    `Port ${port} of 127.0.0.1 is taken. PORT=0 npm start takes a free one\n`,
  );
  await first?.close();
});

test('a host that is not here gives the exit code 1', async () => {
  // 192.0.2.0/24 is reserved for documentation: no machine has an address of it.
  const process = new SmallProcess();

  const app = await runPlayground(process, { ...settings, host: '192.0.2.1' });

  expect(app).toBeUndefined();
  expect(process.exitCode).toBe(1);
  expect(process.written).toContain('cannot listen on 192.0.2.1');
});
