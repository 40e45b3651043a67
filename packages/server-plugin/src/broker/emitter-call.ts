/**
 * Called by an emitter when it is done; MQEmitter's types know no error for `on`, implementations
 * do.
 */
export type Acknowledge = (error?: unknown) => void;

/** One call of an emitter, and its answer: within the call, or later. */
export class EmitterCall {
  #isAnswered = false;
  #error: unknown;
  #onAnswer: (() => void) | undefined;

  /** @param call - is made here; what it throws is the answer */
  constructor(call: (acknowledge: Acknowledge) => void) {
    try {
      call(this.acknowledge);
    } catch (error) {
      this.acknowledge(error ?? new Error('it threw nothing'));
    }
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** What the answer says that went wrong; undefined when nothing did. */
  get error(): unknown {
    return this.#error;
  }

  /**
   * Answers. The first one counts: an emitter may call back twice, or throw after it has called
   * back.
   */
  readonly acknowledge = (error?: unknown): void => {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#error = error ?? undefined;
    this.#onAnswer?.();
  };

  /** Resolves when it is answered; to be called once. */
  answered(): Promise<void> {
    if (this.#isAnswered) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onAnswer = resolve;
    });
  }
}
