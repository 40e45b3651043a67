import mqemitter from 'mqemitter';
import { test } from 'vitest';
import { runBrokerContract } from '../src/broker-contract.ts';
import { HeldEmitter } from './support/held-emitter.ts';

runBrokerContract({ name: 'mqemitter in memory', test, createEmitter: () => mqemitter() });

runBrokerContract({
  name: 'mqemitter with a concurrency of 1',
  test,
  createEmitter: () => mqemitter({ concurrency: 1 }),
});

runBrokerContract({
  name: 'mqemitter with separators and wildcards of its own',
  test,
  createEmitter: () =>
    mqemitter({ separator: '.', wildcardOne: '*', wildcardSome: '>', matchEmptyLevels: false }),
});

runBrokerContract({
  name: 'the emitter of the tests',
  test,
  createEmitter: () => new HeldEmitter(),
});
