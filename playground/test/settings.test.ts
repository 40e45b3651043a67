import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HELP, readCommand } from '../src/server/settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const REDIS = 'redis://127.0.0.1:6379';

test('without arguments it is one process on port 4000, with all in memory', () => {
  expect(readCommand([], {})).toEqual({
    name: 'run',
    settings: {
      host: '127.0.0.1',
      port: 4_000,
      logLevel: 'warn',
      redisUrl: undefined,
      processes: 1,
    },
  });
});

test('arguments and variables are taken as they are given', () => {
  const env = { PORT: '0', HOST: '::1', LOG_LEVEL: 'info' };

  expect(readCommand(['--redis', REDIS, '--processes=64'], env)).toEqual({
    name: 'run',
    settings: { host: '::1', port: 0, logLevel: 'info', redisUrl: REDIS, processes: 64 },
  });
});

test('--help goes before all that may be wrong', () => {
  expect(readCommand(['--help', '--processes', '0'], {})).toEqual({ name: 'help' });
});

test.each([
  [
    ['--processes', '2'],
    '--processes needs --redis <url>: without it they would not hear each other',
  ],
  [['--processes', '0'], '--processes must be a number from 1 to 64, got "0"'],
  [['--processes', '65', '--redis', REDIS], '--processes must be a number from 1 to 64, got "65"'],
  [['--processes', '1.5'], '--processes must be a number from 1 to 64, got "1.5"'],
  [['--processes', ''], '--processes must be a number from 1 to 64, got ""'],
  [['--redis', 'localhost:6379'], '--redis must be a URL that begins with redis:// or rediss://'],
  [
    ['--redis', 'http://:secret@host'],
    '--redis must be a URL that begins with redis:// or rediss://',
  ],
  [
    ['--redis', 'redis://host:port'],
    '--redis must be a URL that begins with redis:// or rediss://',
  ],
  [
    ['--redis'],
    "Option '--redis <value>' argument missing. npm start -- --help shows what there is",
  ],
  [
    ['--redis', '--processes', '2'],
    "Option '--redis' argument is ambiguous. npm start -- --help shows what there is",
  ],
  [['--port', '1'], "Unknown option '--port'. npm start -- --help shows what there is"],
  [[REDIS], `Unexpected argument '${REDIS}'. npm start -- --help shows what there is`],
])('%j is refused by one sentence', (args, sentence) => {
  expect(readCommand(args, {})).toEqual({ name: 'refuse', sentence });
});

test.each(['http', '-1', '65536', '80.5', ' '])('PORT="%s" is refused', (PORT) => {
  const sentence = `PORT must be a number from 0 to 65535, got "${PORT}"`;

  expect(readCommand([], { PORT })).toEqual({ name: 'refuse', sentence });
});

/** Runs what `npm start` runs after the build, with the arguments that npm adds to it. */
function start(args: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const command = `${scripts.start.split('&& ').at(-1)} ${args}`;
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

test('what is given to npm start arrives, and what is wrong gives the exit code 1', async () => {
  const [help, wrong] = await Promise.all([start('--help'), start('--processes 2')]);

  expect(help).toEqual({ code: 0, stdout: HELP, stderr: '' });
  expect(wrong).toEqual({
    code: 1,
    stdout: '',
    stderr: '--processes needs --redis <url>: without it they would not hear each other\n',
  });
});
