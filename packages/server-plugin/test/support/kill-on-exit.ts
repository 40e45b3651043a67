import { type ChildProcess, spawn } from 'node:child_process';

/** Waits for a line or for the end of the input, which is that of the process at its other end. */
const SCRIPT = 'trap "" INT TERM HUP; read -r line || kill -9 "$1"';

/**
 * Has a child process killed when this process ends, however that comes.
 *
 * Vitest ends its workers by a signal, after which none of their code runs, and a child that is
 * frozen or busy ends nothing by itself: so a third process waits.
 */
export function killOnExit(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const guard = spawn('sh', ['-c', SCRIPT, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.stdin.on('error', () => undefined);
  child.once('exit', () => guard.stdin.end('it has ended\n'));
}
