/** What a run did that only a run of one subscriber may do. */
export interface RunFlag {
  /** Undefined as long as nothing was done. */
  reason: string | undefined;
  /** The field whose resolver did it, where that is known: `Message.text`. */
  field: string | undefined;
}

/** What a resolver that reaches the context of a shared run gets to see. */
export class UnclaimedContextError extends Error {
  override name = 'UnclaimedContextError';

  constructor() {
    super('The context of a shared result cannot be used: nobody in particular asks for it');
  }
}

const flags = new WeakMap<object, RunFlag>();

/**
 * Makes a context that belongs to nobody: whoever touches it flags the run, before it throws.
 *
 * The flag counts, not the throw: a resolver may swallow that.
 */
export function unclaimedContext(flag: RunFlag): object {
  // A function as the target, so that calls are trapped too.
  const context = new Proxy(() => undefined, new FlaggingHandler(flag));
  flags.set(context, flag);
  return context;
}

/** The flag of the run that a context belongs to; undefined for every other context. */
export function flagOf(context: unknown): RunFlag | undefined {
  return typeof context === 'function' ? flags.get(context) : undefined;
}

/** Every trap there is. Their common prototype makes one handler as cheap as an object. */
class FlaggingHandler implements Required<ProxyHandler<() => undefined>> {
  readonly #flag: RunFlag;

  constructor(flag: RunFlag) {
    this.#flag = flag;
  }

  #touched(): never {
    this.#flag.reason ??= 'the context was reached';
    throw new UnclaimedContextError();
  }

  apply(): never {
    return this.#touched();
  }
  construct(): never {
    return this.#touched();
  }
  defineProperty(): never {
    return this.#touched();
  }
  deleteProperty(): never {
    return this.#touched();
  }
  get(): never {
    return this.#touched();
  }
  getOwnPropertyDescriptor(): never {
    return this.#touched();
  }
  getPrototypeOf(): never {
    return this.#touched();
  }
  has(): never {
    return this.#touched();
  }
  isExtensible(): never {
    return this.#touched();
  }
  ownKeys(): never {
    return this.#touched();
  }
  preventExtensions(): never {
    return this.#touched();
  }
  set(): never {
    return this.#touched();
  }
  setPrototypeOf(): never {
    return this.#touched();
  }
}
