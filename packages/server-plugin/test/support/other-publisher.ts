import { encodePayload } from '../../src/broker/encode-payload.ts';
import { encodeEnvelope } from '../../src/broker/envelope.ts';
import { groupTopic } from '../../src/broker/topic.ts';
import type { HeldEmitter } from './held-emitter.ts';

/** A publisher in another process, whose events a test numbers by hand. */
export interface OtherPublisher {
  /** The event with this number arrives, in the group `red` of `onMessage`. */
  arrives(n: number, text?: string): Promise<void>;
  /** A message with any text arrives there. */
  says(message: string): Promise<void>;
}

/** @param from - its id */
export function otherPublisher(emitter: HeldEmitter, from: string): OtherPublisher {
  const topic = groupTopic('groupcast', 'onMessage', 'red');
  const says = (payload: string) =>
    new Promise<void>((resolve) => emitter.emit({ topic, payload }, () => resolve()));
  return {
    arrives: (n, text = `${n}`) => says(encodeEnvelope(encodePayload({ text }), { from, n })),
    says,
  };
}
