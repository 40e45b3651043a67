import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium } from './playground/test/find-chromium.ts';

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

/** Turns the server's fast paths off when that is asked for. */
const setupFiles = ['packages/server-plugin/test/support/fast-paths.ts'];

/** Starts the servers that clients are tested against. */
const stage = ['packages/client/test/stage/global-setup.ts'];

/** Empty where there is none: only the browser's tests fail then. */
function chromium(): { readonly executablePath?: string } {
  try {
    return { executablePath: findChromium() };
  } catch {
    return {};
  }
}

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
          exclude: ['**/node_modules/**', 'packages/client/**'],
          setupFiles,
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
          setupFiles,
          testTimeout: 20_000,
          server: { deps: { inline: [/@graphql-tools/, /@pothos/] } },
        },
      },
      {
        ...source,
        resolve: { ...source.resolve, alias: graphql16 },
        test: {
          name: 'fast-paths-off',
          include: [
            'packages/server-plugin/test/{app-functions,bursts,delivery,errors,fuzz,load,middleware}*.test.ts',
            'packages/server-plugin/test/{notify,queue,schemas,sharing,slow,strict,subscribe}*.test.ts',
            'packages/server-plugin/test/wire-{close,heartbeat,operations,slow}*.test.ts',
          ],
          env: { GROUPCAST_FAST_PATHS: 'off' },
          setupFiles,
          testTimeout: 20_000,
        },
      },
      {
        ...source,
        resolve: { ...source.resolve, alias: graphql16 },
        test: {
          name: 'client',
          include: ['packages/client/test/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          globalSetup: stage,
          testTimeout: 20_000,
        },
      },
      {
        resolve: { conditions: ['@groupcast/source', 'module', 'browser'] },
        optimizeDeps: {
          // Named, since one that is found late reloads the page in the middle of a test.
          include: ['react', 'react/jsx-dev-runtime', 'react-dom/client'],
        },
        oxc: { jsx: { runtime: 'automatic' } },
        test: {
          name: 'client-browser',
          include: [
            'packages/client/test/behaviour/**/*.test.ts',
            'packages/client/test/**/*.browser.test.{ts,tsx}',
          ],
          globalSetup: stage,
          testTimeout: 20_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: 'chromium' }],
            provider: playwright({
              launchOptions: {
                ...chromium(),
                args: [
                  '--no-sandbox',
                  '--disable-gpu',
                  '--disable-dev-shm-usage',
                  '--disable-background-networking',
                  '--disable-component-update',
                  '--no-first-run',
                  // Nothing outside of this machine can be reached.
                  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
                ],
              },
            }),
          },
        },
      },
    ],
  },
});
