import type { Topic } from './topic.ts';

/** Whether the broker works, as far as it is known. */
export interface BrokerHealth {
  /**
   * `degraded`: it works in part, or something failed and no publish or join has worked since.
   * `down`: nothing gets through, or it is not connected yet, or closed.
   */
  readonly status: 'up' | 'degraded' | 'down';
  /** When the status became this. */
  readonly since: Date;
  /** What failed last; absent when nothing ever did. */
  readonly lastError?: Error;
}

/** What is known about an event that the broker took. */
export interface Published {
  /** How many processes heard it, where the broker can tell. */
  readonly processes?: number;
}

/** An event that a broker took, and of which it knows no more. */
export const TAKEN: Published = Object.freeze({});

/**
 * Where a broker's messages go: called on receipt, in the order of arrival. A throw is caught and
 * logged.
 */
export type OnMessage = (topic: Topic, text: string) => void;

/**
 * Called when messages may be missed, or may have been: `begins` when what is published is not
 * received for now, `ends` when it is again. An `ends` comes alone where the begin was not seen.
 */
export type OnOutage = (phase: 'begins' | 'ends') => void;

/** The part of Fastify's logger that is used here. */
export interface BrokerLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  debug(details: object, message: string): void;
}

/**
 * What carries messages between processes, and within this one.
 *
 * A message is text, a topic is made by `groupTopic` or `fieldTopic`. Messages of the joined
 * topics, also those published here, go to the {@link OnMessage} given at creation. Nothing here
 * throws synchronously, and every rejection is a BrokerUnavailableError.
 */
export interface Broker {
  /**
   * Sends a message to every process that has joined the topic. Calls are sent in their order,
   * awaited or not.
   *
   * @param deadline - in milliseconds of `performance.now()`; never earlier than that of the call
   *   before. Nobody waits for it any longer then: it is not sent after that, and may be forgotten.
   *   Absent: never
   * @returns what is known of it when the broker has taken it within the call; else resolves when it
   *   has. That may be before or after it is received
   */
  publish(topic: Topic, text: string, deadline?: number): Published | Promise<Published>;
  /**
   * Starts to receive a topic's messages. Must not overlap with another `join` or `leave` of that
   * topic; a topic that is joined already stays so.
   *
   * @returns resolves when the broker has acknowledged: whatever is published from then on is
   *   received. After a rejection nothing is received, and the topic must be left before it is
   *   joined again
   */
  join(topic: Topic): Promise<void>;
  /**
   * Nobody waits any longer for the join of a topic that is under way. A broker that can't be
   * answered for now makes it reject, so that what is asked for meanwhile does not pile up.
   */
  abandon(topic: Topic): void;
  /**
   * Stops receiving a topic's messages, at once.
   *
   * @returns resolves when the broker has acknowledged, or is closed
   */
  leave(topic: Topic): Promise<void>;
  /**
   * Milliseconds that a topic should stay joined although nobody needs it, since somebody may come
   * back for it: 0 where joins and leaves cost nothing.
   */
  readonly lingerMs: number;
  readonly health: BrokerHealth;
  /** Calls back on each change of the status, with the new health; the result stops that. */
  onHealth(listener: (health: BrokerHealth) => void): () => void;
  /** How many listeners it holds on whatever it is built on; 0 when all topics are left. */
  readonly listenerCount: number;
  /**
   * Takes no more calls, lets publishes under way finish, rejects joins under way, and lets go of
   * everything.
   *
   * @param timeoutMs - how long that may take at most
   * @returns never rejects; the same promise for each call
   */
  close(timeoutMs: number): Promise<void>;
}
