// Finds or installs what the tests need beside Node and npm; stops and says what to install otherwise.
import { execFileSync, spawnSync } from 'node:child_process';
import process from 'node:process';
import { isInstalled, node22Folder, node22Path } from './node-22.mjs';

/** Programs by the Debian package that brings them. */
const needed = { chromium: 'chromium', 'redis-server': 'redis-server' };

const missing = Object.entries(needed)
  .filter(([program]) => spawnSync('which', [program]).status !== 0)
  .map(([, debianPackage]) => debianPackage);

if (missing.length > 0) install(missing);
installNode22();

/** @param {string[]} packages */
function install(packages) {
  const canInstall = process.getuid?.() === 0 && spawnSync('which', ['apt-get']).status === 0;
  if (!canInstall) {
    process.stderr.write(
      `The tests need ${packages.join(', ')}. On Debian: sudo apt-get install ${packages.join(' ')}\n`,
    );
    process.exit(1);
  }
  process.stdout.write(`Installing ${packages.join(', ')} for the tests …\n`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    options,
  );
}

/** For the tests of the client with a global WebSocket, which Node 20 has not. */
function installNode22() {
  const path = node22Path();
  if (path !== undefined && isInstalled(path)) return;
  process.stdout.write('Installing Node 22 for the tests …\n');
  const { status } = spawnSync('npm', ['ci', '--silent'], {
    cwd: node22Folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status === 0 && path !== undefined && isInstalled(path)) return;
  process.stderr.write(
    `The tests need Node 22 too, and npm has none for ${process.platform} on ${process.arch}. Run them with Node 22 or newer\n`,
  );
  process.exit(1);
}
