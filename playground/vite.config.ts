import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('app'),
  plugins: [react()],
  build: {
    outDir: at('dist/public'),
    emptyOutDir: true,
    target: 'es2023',
    // By it the test of the page's size finds what is loaded when.
    manifest: 'manifest.json',
    reportCompressedSize: false,
    // GraphiQL's editor is large, and loaded only when it is opened.
    chunkSizeWarningLimit: 8_000,
    rolldownOptions: {
      onwarn: (warning, warn) => {
        // Said of directives to React's compiler in GraphiQL, which was compiled before it was published.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
});
