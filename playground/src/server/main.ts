import process from 'node:process';
import { runPlayground } from './run-playground.ts';

await runPlayground(process);
