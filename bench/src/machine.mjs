import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

const PACKAGES = [
  '@groupcast/fastify',
  'fastify',
  '@fastify/websocket',
  'ws',
  'graphql',
  'mercurius',
  'graphql-jit',
  'graphql-ws',
  'graphql-yoga',
  'socket.io',
  'subscriptions-transport-ws',
];

/** What the figures depend on, a line each. */
export function describeMachine() {
  return [
    `CPU: ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `Linux ${release()}, Node ${process.versions.node}`,
    `Load average at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  ];
}

/** What was measured, a package a line. */
export function describeVersions() {
  return PACKAGES.map((name) => `${name} ${versionOf(name)}`);
}

/** @param {string} name */
function versionOf(name) {
  for (const folder of require.resolve.paths(name)) {
    try {
      return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version;
    } catch {
      // Looked for further up.
    }
  }
  throw new Error(`${name} is not installed in ${fileURLToPath(import.meta.url)}`);
}
