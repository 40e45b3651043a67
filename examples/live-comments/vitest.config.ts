import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // graphql is on disk twice, and its two copies refuse each other's schemas. Node takes this one.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/vitest/**/*.test.ts'],
  },
});
