import mqemitter from 'mqemitter';
import { runBrokerContract } from './support/broker-contract.ts';
import { HeldEmitter } from './support/held-emitter.ts';

runBrokerContract('mqemitter in memory', () => mqemitter());

runBrokerContract('mqemitter with a concurrency of 1', () => mqemitter({ concurrency: 1 }));

runBrokerContract('mqemitter with separators and wildcards of its own', () =>
  mqemitter({ separator: '.', wildcardOne: '*', wildcardSome: '>', matchEmptyLevels: false }),
);

runBrokerContract('the emitter of the tests', () => new HeldEmitter());
