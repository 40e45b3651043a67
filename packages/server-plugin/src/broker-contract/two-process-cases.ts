import assert from 'node:assert/strict';
import { BrokerUnavailableError } from '../errors.ts';
import type { ContractProcess } from './contract-process.ts';
import type { ContractScene } from './contract-scene.ts';

type TwoProcessCase = (
  first: ContractProcess,
  second: ContractProcess,
  scene: ContractScene,
) => Promise<void>;

/** What two processes must find, by sentences that say it. */
export const twoProcessCases: Readonly<Record<string, TwoProcessCase>> = {
  'a publisher that has joined nothing is heard by another process, once': async (
    listening,
    publishing,
    { fence, red },
  ) => {
    await listening.join(red, fence);

    await publishing.publish(red, 'hi');
    await publishing.publish(fence, 'end');
    await listening.receives(2);

    assert.deepEqual(listening.texts, ['hi', 'end']);
    assert.deepEqual(publishing.received, []);
  },

  'who joins a topic that another process is joining, or has, gets an answer that is true for itself':
    async (first, second, { red }) => {
      const joining = first.join(red);
      await second.join(red);
      await second.publish(red, 'hi');
      await second.receives(1);
      await joining;

      await second.leave(red);
      await second.join(red);
      await first.publish(red, 'again');
      await second.receives(2);

      assert.deepEqual(second.texts, ['hi', 'again']);
    },

  'one process leaves and the other still hears': async (first, second, { red }) => {
    await Promise.all([first.join(red), second.join(red)]);

    await first.leave(red);
    await first.publish(red, 'hi');
    await second.receives(1);

    assert.deepEqual(first.texts, []);
    assert.deepEqual(second.texts, ['hi']);
  },

  'after close() it refuses with a code, receives nothing, and holds no listener': async (
    closed,
    other,
    { blue, red },
  ) => {
    await Promise.all([closed.join(red), other.join(red)]);

    await Promise.all([closed.broker.close(1_000), closed.broker.close(1_000)]);
    await other.publish(red, 'hi');
    await other.receives(1);

    await assert.rejects(closed.publish(red, 'hi'), BrokerUnavailableError);
    await assert.rejects(closed.broker.join(blue), BrokerUnavailableError);
    await closed.leave(red);
    assert.deepEqual(closed.received, []);
    assert.equal(closed.broker.listenerCount, 0);
  },

  'a receiver that throws is logged, and harms neither the publisher nor the next message': async (
    throwing,
    witness,
    { red },
  ) => {
    throwing.onText = (text) => {
      if (text === 'bad') throw new Error('boom');
    };
    await Promise.all([throwing.join(red), witness.join(red)]);

    await throwing.publish(red, 'bad');
    await throwing.publish(red, 'good');
    await Promise.all([throwing.receives(2), witness.receives(2)]);

    assert.deepEqual(throwing.texts, ['bad', 'good']);
    assert.deepEqual(throwing.errors, ['A message of the broker could not be handled']);
    assert.deepEqual(witness.texts, ['bad', 'good']);
  },
};
