import type { FastifyInstance } from 'fastify';
import { createPlayground } from './create-playground.ts';

/** The parts of Node's `process` that {@link runPlayground} works with. */
export interface ProcessParts {
  /** `PORT` (default 4000, 0 for any free one), `HOST` (default 127.0.0.1), `LOG_LEVEL` (default warn). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exitCode?: number | string | null | undefined;
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * Runs the playground until SIGINT or SIGTERM: then clients are let go and the server closes.
 * The same signal once more ends the process at once.
 *
 * @returns the listening app; undefined when it could not start, which was written to stderr and
 *   gave the exit code 1
 */
export async function runPlayground(process: ProcessParts): Promise<FastifyInstance | undefined> {
  const { env, stdout, stderr } = process;
  const { HOST: host = '127.0.0.1', LOG_LEVEL: level = 'warn' } = env;
  const port = Number(env['PORT'] || 4_000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    stderr.write(`PORT must be a number from 0 to 65535, got "${env['PORT']}"\n`);
    process.exitCode = 1;
    return undefined;
  }

  const app = await createPlayground({ logger: { level } });
  // Before the line is written by which others know that it runs, and may end it.
  process.once('SIGINT', () => void app.close());
  process.once('SIGTERM', () => void app.close());
  try {
    const url = await app.listen({ host, port });
    stdout.write(`The playground is ready: ${url} (Ctrl+C ends it)\n`);
  } catch (error) {
    await app.close();
    stderr.write(`${describeListenError(error, host, port)}\n`);
    process.exitCode = 1;
    return undefined;
  }
  return app;
}

function describeListenError(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is taken. PORT=0 npm start takes a free one`;
  }
  return `The playground cannot listen on ${host}, port ${port}: ${String(error)}`;
}
