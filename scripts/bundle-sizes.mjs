import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const core = "export { createClient } from '@groupcast/client';";

/** What an app imports, by the name of what it uses. */
const entries = {
  core,
  legacy: `${core} export { legacy } from '@groupcast/client/legacy';`,
  print: `${core} export { printDocument } from '@groupcast/client/print';`,
  react: `${core} export * from '@groupcast/client/react';`,
  adapter: `${core} export { toGraphqlWsClient } from '@groupcast/client/graphql-ws';`,
  anchor: "export { createClient } from 'graphql-ws';",
};

/** Bundles the built packages as an app for browsers does, each thing with the core of the client. */
export async function bundleSizes() {
  const sizes = Object.entries(entries).map(async ([name, entry]) => [name, await sizeOf(entry)]);
  return Object.fromEntries(await Promise.all(sizes));
}

/** @param {string} contents */
async function sizeOf(contents) {
  const { outputFiles } = await build({
    stdin: {
      contents,
      resolveDir: fileURLToPath(new URL('../packages/client', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external: ['react', 'react/jsx-runtime'],
    write: false,
  });
  const [{ contents: bytes }] = outputFiles;
  return { minified: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}
