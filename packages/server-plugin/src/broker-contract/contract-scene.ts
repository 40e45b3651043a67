import { randomBytes } from 'node:crypto';
import type { Emitter } from '../broker/mqemitter-broker.ts';
import { fieldTopic, groupTopic, type Topic } from '../broker/topic.ts';
import { ContractProcess, inTime } from './contract-process.ts';

/** How the emitters of a scene are made. */
export interface ContractSceneOptions {
  readonly createEmitter: () => Emitter | Promise<Emitter>;
  /** Milliseconds that each wait may take. */
  readonly timeoutMs: number;
}

/** What one case stands on: emitters, processes on them, and topics that no other case has. */
export class ContractScene {
  readonly red: Topic;
  readonly blue: Topic;
  /**
   * What is published on it last arrives last: nothing published earlier is still under way then.
   */
  readonly fence: Topic;
  readonly #options: ContractSceneOptions;
  /** Others may use the same server at the same time. */
  readonly #id = randomBytes(6).toString('hex');
  readonly #emitters: Emitter[] = [];
  readonly #processes: ContractProcess[] = [];

  constructor(options: ContractSceneOptions) {
    this.#options = options;
    this.red = this.groupOf('onMessage', 'red');
    this.blue = this.groupOf('onMessage', 'blue');
    this.fence = this.groupOf('onMessage', 'fence');
  }

  /** @param app - what its namespace begins with */
  groupOf(field: string, group: string, app = ''): Topic {
    return groupTopic(`${app}contract-${this.#id}`, field, group);
  }

  allOf(field: string): Topic {
    return fieldTopic(`contract-${this.#id}`, field);
  }

  async createEmitter(): Promise<Emitter> {
    const { createEmitter, timeoutMs } = this.#options;
    const made = Promise.resolve(createEmitter());
    const emitter = await inTime(timeoutMs, made, () => 'createEmitter() has not resolved');
    this.#emitters.push(emitter);
    return emitter;
  }

  processOn(emitter: Emitter): ContractProcess {
    const process = new ContractProcess(emitter, this.#options.timeoutMs);
    this.#processes.push(process);
    return process;
  }

  /**
   * Closes all brokers, then all emitters.
   *
   * @throws when an emitter fails to close, or takes longer than the time
   */
  async close(timeoutMs: number): Promise<void> {
    await Promise.all(this.#processes.map(({ broker }) => broker.close(timeoutMs)));
    const closes = await Promise.allSettled(
      this.#emitters.map((emitter) => closeEmitter(emitter, timeoutMs)),
    );
    for (const close of closes) {
      if (close.status === 'rejected') throw close.reason;
    }
  }
}

function closeEmitter(emitter: Emitter, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => void emitter.close(resolve));
  return inTime(timeoutMs, closed, () => 'close() of the emitter has not called back');
}
