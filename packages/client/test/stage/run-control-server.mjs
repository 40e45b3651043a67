// Runs the control server in a process of its own, so that neither it nor its servers share an event
// loop with the tests' runner. Vite reads the TypeScript, as Node 20 does not. Started by global-setup.ts.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const file = fileURLToPath(new URL('./control-server.ts', import.meta.url));
const { module } = await runnerImport(file, {
  logLevel: 'error',
  environments: {
    inline: { resolve: { conditions: ['@groupcast/source'], noExternal: [/^@groupcast\//] } },
  },
});
const server = await module.createControlServer();

// Also when the tests' process has died.
process.once('disconnect', async () => {
  await server.close();
  process.exit();
});
process.send?.(server.url);
