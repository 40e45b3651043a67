import { type DecodedPayload, revivePayload } from './decode-payload.ts';
import { decodeEnvelope, type Origin } from './envelope.ts';
import type { Topic } from './topic.ts';

/** One broadcast, as it arrived in this process. */
export interface BroadcastEvent {
  readonly topic: Topic;
  /** Absent where the publisher does not number its events. */
  readonly origin: Origin | undefined;
  /**
   * The payload. Plain JSON is one frozen value for all calls; of anything else each call gets a
   * value of its own, so that nobody can change another's.
   */
  payload(): unknown;
}

/**
 * Makes an event of a message. The payload is decoded here, once, so that `payload()` never throws.
 *
 * @throws MessageUnreadableError when the text is no envelope of ours
 */
export function readEvent(topic: Topic, text: string): BroadcastEvent {
  const { origin, payload } = decodeEnvelope(text);
  return new ReceivedEvent(topic, origin, payload, revivePayload(payload));
}

class ReceivedEvent implements BroadcastEvent {
  readonly topic: Topic;
  readonly origin: Origin | undefined;
  readonly #json: unknown;
  /** The value that is ready: for good when it is plain, for the first call otherwise. */
  #ready: DecodedPayload | undefined;

  constructor(topic: Topic, origin: Origin | undefined, json: unknown, decoded: DecodedPayload) {
    this.topic = topic;
    this.origin = origin;
    this.#json = json;
    this.#ready = decoded;
  }

  payload(): unknown {
    const decoded = this.#ready ?? revivePayload(this.#json);
    if (!decoded.isPlain) this.#ready = undefined;
    return decoded.value;
  }
}
