import type { Message } from 'mqemitter';
import type { BrokerLog, OnMessage } from './broker.ts';
import { BurstLog } from './burst-log.ts';
import type { Topic } from './topic.ts';

/** Where all that comes in on one emitter goes. */
export class Inbox {
  readonly #log: BrokerLog;
  readonly #onMessage: OnMessage;
  readonly #foreign: BurstLog;

  constructor(log: BrokerLog, onMessage: OnMessage) {
    this.#log = log;
    this.#onMessage = onMessage;
    this.#foreign = new BurstLog(log, 'Foreign messages on topics of ours were dropped');
  }

  /** Never throws: that would keep the emitter from calling other listeners. */
  receive(topic: Topic, message: Message): void {
    const text: unknown = message['payload'];
    if (message.topic !== topic || typeof text !== 'string') return this.#foreign.warn({ topic });
    try {
      this.#onMessage(topic, text);
    } catch (error) {
      this.#log.error({ err: error, topic }, 'A message of the broker could not be handled');
    }
  }
}

/** One listener on an emitter, for one topic. */
export class TopicListener {
  /** Set before it is taken away, since the emitter may still call it for a while. */
  isDeaf = false;
  readonly #topic: Topic;
  readonly #inbox: Inbox;

  constructor(topic: Topic, inbox: Inbox) {
    this.#topic = topic;
    this.#inbox = inbox;
  }

  /** Given to the emitter. */
  readonly listen = (message: Message, done: () => void): void => {
    if (!this.isDeaf) this.#inbox.receive(this.#topic, message);
    done();
  };
}
