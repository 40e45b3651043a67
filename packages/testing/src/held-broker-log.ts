import { AssertionError } from 'node:assert';

import type { Failure } from './failure.ts';
import type { BrokerMessage } from './held-broker-emitter.ts';
import { describe } from './held-broker-item.ts';
import { readPayload, type TopicName } from './held-broker-topic.ts';
import { areTimersFaked } from './real-timers.ts';
import { Transcript } from './transcript.ts';

/** All that a process has asked of its broker and got from it, and the failures that show it. */
export class BrokerLog {
  readonly #transcript = new Transcript();
  readonly #held: () => readonly object[];

  /** @param held - what is held now, each with a `toString` */
  constructor(held: () => readonly object[]) {
    this.#held = held;
  }

  joining(name: TopicName, isRefused: boolean): void {
    this.#transcript.note('→', `join ${isRefused ? 'fails: ' : ''}${describe(name)}`);
  }

  broadcasting(name: TopicName, message: BrokerMessage, isRefused: boolean): void {
    this.#message('→', isRefused ? 'broadcast fails:' : 'broadcast', name, message);
  }

  delivered(name: TopicName, message: BrokerMessage): void {
    this.#message('←', 'delivery', name, message);
  }

  /** A delivery that did not even come to be held. */
  lost(name: TopicName, message: BrokerMessage): void {
    this.#message('✕', 'lost:', name, message);
  }

  remark(text: string): void {
    this.#transcript.note('·', text);
  }

  /** All of it, one line each, the same in each run. */
  toString(): string {
    return this.#transcript.toStableString();
  }

  /** The error of an expectation; its message shows what is held, and all that was before. */
  failure(failure: Failure): AssertionError {
    const { expectation, outcome, actual, expected, notes = [], isTimeout = false } = failure;
    const lines = [`${expectation}, but ${outcome}`, ...notes];
    if (isTimeout && areTimersFaked()) {
      lines.push('Timers are faked: what the app does later waits until you advance them');
    }
    const held = this.#held().map((item) => `  ${item}`);
    lines.push('', 'Held:', ...(held.length > 0 ? held : ['  nothing']));
    lines.push('', 'At the broker:', this.#transcript.toShortString() || '  nothing');
    return new AssertionError({ message: lines.join('\n'), actual, expected });
  }

  #message(mark: '→' | '←' | '✕', what: string, name: TopicName, message: BrokerMessage): void {
    const payload = readPayload(message['payload']);
    this.#transcript.note(mark, `${what} ${describe({ ...name, payload })}`);
  }
}
