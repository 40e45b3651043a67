import type { FastifyInstance } from 'fastify';
import { onStopSignal, type SignalSource } from './on-stop-signal.ts';
import { RedisNotice, watchRedis } from './redis-notice.ts';
import { RestartableServer } from './restartable-server.ts';
import type { Settings } from './settings.ts';
import { readyLine } from './start-playground.ts';

/** The parts of Node's `process` that {@link runPlayground} works with. */
export interface ProcessParts extends SignalSource {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exitCode?: number | string | null | undefined;
  exit(code: number): void;
}

/**
 * Runs the playground in this process until SIGINT or SIGTERM: then clients are let go and the
 * server closes. Another one ends the process at once.
 *
 * @returns the listening app, until a page has it restarted; undefined when it could not start, which was written to stderr and
 *   gave the exit code 1
 */
export async function runPlayground(
  process: ProcessParts,
  settings: Settings,
): Promise<FastifyInstance | undefined> {
  const { stdout, stderr } = process;
  const notice = new RedisNotice((text) => stdout.write(text));
  const fail = (sentence: string): void => {
    stderr.write(`${sentence}\n`);
    process.exitCode = 1;
  };
  const server = new RestartableServer(settings, {
    watch: (app) => watchRedis(app, (answers) => notice.report(0, answers)),
    restarting: () => stdout.write('A page has asked for a restart …\n'),
    restarted: () => stdout.write('The playground is back\n'),
    failed: fail,
  });
  // Before the line is written by which others know that it runs, and may end it.
  onStopSignal(
    process,
    () => void server.close(),
    () => process.exit(1),
  );
  const start = await server.start();
  if (start.name === 'failed') {
    fail(start.sentence);
    return undefined;
  }
  stdout.write(readyLine(start.url, settings));
  return server.app;
}
