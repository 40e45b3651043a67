import cluster from 'node:cluster';
import process from 'node:process';
import { onStopSignal } from './on-stop-signal.ts';
import { ProcessPool } from './process-pool.ts';
import { runPlayground } from './run-playground.ts';
import { runWorker } from './run-worker.ts';
import { HELP, readCommand, type Settings } from './settings.ts';

const command = readCommand(process.argv.slice(2), process.env);
switch (command.name) {
  case 'help':
    process.stdout.write(HELP);
    break;
  case 'refuse':
    process.stderr.write(`${command.sentence}\n`);
    process.exitCode = 1;
    break;
  case 'run':
    await run(command.settings);
}

async function run(settings: Settings): Promise<void> {
  if (cluster.isWorker) await runWorker(process, settings);
  else if (settings.processes === 1) await runPlayground(process, settings);
  else runPool(settings);
}

function runPool(settings: Settings): void {
  const pool = new ProcessPool(process, settings);
  onStopSignal(
    process,
    () => pool.close(),
    () => pool.kill(),
  );
  pool.start();
}
