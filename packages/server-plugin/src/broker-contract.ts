/**
 * `@groupcast/fastify/broker-contract`: tests of what an emitter must do, for any test runner.
 *
 * @packageDocumentation
 */
import type { Emitter } from './broker/mqemitter-broker.ts';
import { ContractScene } from './broker-contract/contract-scene.ts';
import { oneProcessCases } from './broker-contract/one-process-cases.ts';
import { twoProcessCases } from './broker-contract/two-process-cases.ts';

export type { Emitter } from './broker/mqemitter-broker.ts';

/** The emitter to be tested, and the runner that does it. */
export interface BrokerContractOptions {
  /** Stands before the title of each test. @default 'broker contract' */
  readonly name?: string;
  /** Registers one test: that of Vitest, of Jest or of node:test. */
  readonly test: (title: string, run: () => Promise<void>) => unknown;
  /** Makes an emitter for one test, which closes it in the end. */
  readonly createEmitter: () => Emitter | Promise<Emitter>;
  /**
   * Whether emitters that are made one after another reach each other, as those of several processes
   * must. What two processes do is then tested on two emitters too. @default false
   */
  readonly areConnected?: boolean;
  /**
   * Milliseconds that each wait for the emitter may take; a test fails after it, and says for what it
   * has waited. Keep it below the time that the runner gives to a test. @default 3_000
   */
  readonly timeoutMs?: number;
}

/** Milliseconds to clean up after a test that has failed: the runner's time is nearly over. */
const CLEAN_UP_MS = 500;

/**
 * Registers the tests that every emitter must pass: messages arrive whole, in order and once at those
 * who have joined and at nobody else; an acknowledged join hears what is published from then on; nothing
 * is left after a close.
 *
 * Call it in a test file. The tests need no others, in any order, and clean up after themselves. They use
 * topics with random names, so they may run on a server that is in use.
 */
export function runBrokerContract(options: BrokerContractOptions): void {
  const { areConnected = false, name = 'broker contract', test } = options;
  const register = (title: string, run: (scene: ContractScene) => Promise<void>): void => {
    test(`${name}: ${title}`, () => onScene(options, run));
  };
  for (const [title, run] of Object.entries(oneProcessCases)) {
    register(title, async (scene) => {
      await run(scene.processOn(await scene.createEmitter()), scene);
    });
  }
  for (const [title, run] of Object.entries(twoProcessCases)) {
    register(title, async (scene) => {
      const emitter = await scene.createEmitter();
      await run(scene.processOn(emitter), scene.processOn(emitter), scene);
    });
    if (!areConnected) continue;
    register(`${title} (two emitters)`, async (scene) => {
      const [first, second] = [await scene.createEmitter(), await scene.createEmitter()];
      await run(scene.processOn(first), scene.processOn(second), scene);
    });
  }
}

async function onScene(
  { createEmitter, timeoutMs = 3_000 }: BrokerContractOptions,
  run: (scene: ContractScene) => Promise<void>,
): Promise<void> {
  const scene = new ContractScene({ createEmitter, timeoutMs });
  try {
    await run(scene);
  } catch (error) {
    // Why it has failed matters more than what else fails then.
    await scene.close(CLEAN_UP_MS).catch(() => {});
    throw error;
  }
  await scene.close(timeoutMs);
}
