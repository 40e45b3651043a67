import type { Topic } from '../topic.ts';
import { NotSentError } from './outgoing.ts';
import {
  isAftermath,
  isUnsent,
  type RedisConnection,
  type RedisEmitter,
  readable,
} from './redis-emitter.ts';

/**
 * Sends messages through the emitter, and knows what mqemitter-redis does not tell: how many
 * connections heard one.
 */
export class Sender {
  readonly #emitter: RedisEmitter;
  /** What the emitter has just asked of Redis. */
  #answer: Promise<unknown> | undefined;

  constructor(emitter: RedisEmitter) {
    this.#emitter = emitter;
    this.#watchCommands(emitter.pubConn);
  }

  /**
   * Sends one message.
   *
   * @returns how many connections, of as many processes, have received it
   * @throws NotSentError when it can be sent again; else it may have been received all the same
   */
  async send(topic: Topic, text: string): Promise<number | undefined> {
    let failure: unknown;
    this.#answer = undefined;
    this.#emitter.emit({ topic, payload: text }, (error) => {
      failure = error;
    });
    // Within the call, so that what is sent first is numbered first.
    const answer: Promise<unknown> | undefined = this.#answer;
    if (answer === undefined) throw failure ?? new Error('the emitter has not sent it');
    try {
      const count = Number(await answer);
      return Number.isSafeInteger(count) ? count : undefined;
    } catch (error) {
      throw explained(readable(error));
    }
  }

  #watchCommands(connection: RedisConnection): void {
    const publish = connection.publish.bind(connection);
    connection.publish = (...args) => {
      const answer = publish(...args);
      this.#answer = answer;
      return answer;
    };
  }
}

/** What ioredis says is about its own options. */
function explained(error: Error): Error {
  if (isUnsent(error)) return new NotSentError(error);
  if (!isAftermath(error)) return error;
  return new Error('the connection was lost before Redis answered; it may have been delivered', {
    cause: error,
  });
}
