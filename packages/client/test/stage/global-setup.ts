import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the control server listens. */
    readonly controlServer: string;
  }
}

/** Starts the control server for a run of tests; the result stops it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const program = fileURLToPath(new URL('./run-control-server.mjs', import.meta.url));
  // Not as a part of Vitest: libraries would behave as in tests of their own.
  const { NODE_ENV, VITEST, ...env } = process.env;
  const child = fork(program, { env });
  const exited = once(child, 'exit');
  const died = exited.then(([code]) => {
    throw new Error(`The control server has ended with the code ${code}`);
  });
  const [url] = await Promise.race([once(child, 'message'), died]);
  died.catch(() => undefined);
  project.provide('controlServer', String(url));
  return async () => {
    if (child.connected) child.disconnect();
    await exited;
  };
}
