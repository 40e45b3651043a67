import { EventEmitter } from 'node:events';

import { onNextTurn } from './real-timers.ts';

/** A message as emitters carry it. */
export interface BrokerMessage {
  readonly topic: string;
  readonly [key: string]: unknown;
}

/** Called for each message of a topic. */
export type BrokerListener = (message: BrokerMessage, done: () => void) => void;

/** Called by the emitter when the broker has answered. */
export type BrokerAnswer = (error?: Error) => void;

/** A held broker's side of an app: an MQEmitter, for the plugin's option `emitter`. */
export interface BrokerEmitter {
  /** Tells of the broker's connection: `error`, `subConnect` and `pubConnect`, as that of Redis. */
  readonly state: EventEmitter;
  readonly current: number;
  readonly concurrent: number;
  /** Topics are exact: there are no wildcards. */
  on(topic: string, listener: BrokerListener, answer?: BrokerAnswer): this;
  emit(message: BrokerMessage, answer?: BrokerAnswer): void;
  removeListener(topic: string, listener: BrokerListener, answer?: BrokerAnswer): void;
  close(answer: () => void): void;
}

/** Who decides what becomes of an emitter's calls. */
export interface EmitterCalls {
  /** @param answer - to be called once: the listener hears from then on, unless there is an error */
  join(topic: string, listener: BrokerListener, answer: BrokerAnswer): void;
  left(listener: BrokerListener): void;
  /** Carries a message to all processes, or tells why not. */
  broadcast(message: BrokerMessage): Error | undefined;
}

/** An emitter in memory, for exact topics. It answers in a later turn, as a broker elsewhere does. */
export class MemoryEmitter implements BrokerEmitter {
  readonly state: EventEmitter = new EventEmitter();
  readonly current: number = 0;
  readonly concurrent: number = 0;
  readonly #listeners = new Map<string, BrokerListener[]>();
  readonly #calls: EmitterCalls;

  constructor(calls: EmitterCalls) {
    this.#calls = calls;
  }

  on(topic: string, listener: BrokerListener, answer: BrokerAnswer = () => {}): this {
    this.#calls.join(topic, listener, (error) => {
      if (error === undefined) this.#listeners.set(topic, [...this.#of(topic), listener]);
      answerLater(answer, error);
    });
    return this;
  }

  emit(message: BrokerMessage, answer: BrokerAnswer = () => {}): void {
    answerLater(answer, this.#calls.broadcast(message));
  }

  removeListener(topic: string, listener: BrokerListener, answer: BrokerAnswer = () => {}): void {
    const left = this.#of(topic);
    const index = left.indexOf(listener);
    const others = left.filter((_, at) => at !== index);
    if (others.length > 0) this.#listeners.set(topic, others);
    else this.#listeners.delete(topic);
    this.#calls.left(listener);
    answerLater(answer);
  }

  close(answer: () => void): void {
    this.#listeners.clear();
    answerLater(answer);
  }

  /** Would a message of this topic reach anybody? */
  hears(topic: string): boolean {
    return this.#listeners.has(topic);
  }

  deliver(message: BrokerMessage): void {
    for (const listener of this.#of(message.topic)) listener(message, () => {});
  }

  /** Tells of an error of the connection, unless nobody listens: then it would be thrown here. */
  report(error: Error): void {
    if (this.state.listenerCount('error') > 0) this.state.emit('error', error);
  }

  #of(topic: string): readonly BrokerListener[] {
    return this.#listeners.get(topic) ?? [];
  }
}

function answerLater(answer: BrokerAnswer, error?: Error): void {
  onNextTurn(() => (error === undefined ? answer() : answer(error)));
}
