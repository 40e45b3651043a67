import { defineConfig } from 'vitest/config';

/** Tests read the packages' sources, so that they need no build. */
const source = {
  resolve: { conditions: ['@groupcast/source', 'node'] },
  ssr: { resolve: { conditions: ['@groupcast/source', 'node'] } },
};

/**
 * graphql exists twice on disk as ESM and CommonJS; libraries that are loaded by Node take the
 * CommonJS one, so the sources under test must take the same, or graphql refuses to mix them.
 */
const graphql16 = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];
const graphql17 = [{ find: /^graphql(\/.*)?$/, replacement: 'graphql17$1' }];

export default defineConfig({
  test: {
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      {
        ...source,
        resolve: { ...source.resolve, alias: graphql16 },
        test: {
          name: 'graphql-16',
          include: [
            'packages/*/test/**/*.test.ts',
            'playground/test/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        ...source,
        resolve: { ...source.resolve, alias: graphql17 },
        test: {
          name: 'graphql-17',
          include: ['packages/server-plugin/test/**/*.test.ts'],
          exclude: ['**/*.graphql-16.test.ts'],
          testTimeout: 20_000,
          server: { deps: { inline: [/@graphql-tools/, /@pothos/] } },
        },
      },
    ],
  },
});
