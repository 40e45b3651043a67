// How long a stranger waits: from a fresh clone to the playground's page, with what npm has in its cache.
// node scripts/first-minute.mjs
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const PORT = '4173';
const page = `http://127.0.0.1:${PORT}/`;
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'groupcast-first-minute-'));
const start = performance.now();

run('git', ['clone', '--quiet', root, folder], root);
step('cloned');
run('npm', ['ci', '--silent'], folder);
step('installed');
const server = spawn('npm', ['start'], {
  cwd: folder,
  env: { ...process.env, PORT },
  stdio: 'ignore',
  detached: true,
});
const ended = once(server, 'exit');
await pageIsThere();
step('the page is open');
if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM');
await ended;
rmSync(folder, { recursive: true, force: true });

/** @param {string} what */
function step(what) {
  console.log(`${((performance.now() - start) / 1_000).toFixed(1).padStart(6)} s  ${what}`);
}

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed`);
}

async function pageIsThere() {
  while (server.exitCode === null) {
    const response = await fetch(page).catch(() => undefined);
    if (response?.ok && (await response.text()).includes('<script')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('npm start has ended');
}
