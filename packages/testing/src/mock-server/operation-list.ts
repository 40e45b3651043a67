import type { MockOperation } from './mock-operation.ts';
import type { OperationCore } from './operation-core.ts';

interface Listed {
  readonly core: OperationCore;
  readonly operation: MockOperation;
  isTaken: boolean;
}

/** A call that waits for an operation; of any name when it names none. */
export interface Wish {
  readonly name: string | undefined;
}

/** All operations that have begun, and which of them the test has taken. */
export class OperationList {
  readonly #listed: Listed[] = [];
  readonly #wishes = new Set<Wish>();

  add(core: OperationCore, operation: MockOperation): void {
    this.#listed.push({ core, operation, isTaken: false });
  }

  /** Of a name, or of any, oldest first. */
  all(name?: string): readonly MockOperation[] {
    return this.#listed.filter(named(name)).map(({ operation }) => operation);
  }

  /** Those that neither side has ended. */
  running(name?: string): readonly MockOperation[] {
    return this.all(name).filter(({ isRunning }) => isRunning);
  }

  /** Somebody waits for an operation until `drop`. */
  wish(wish: Wish): void {
    this.#wishes.add(wish);
  }

  drop(wish: Wish): void {
    this.#wishes.delete(wish);
  }

  /**
   * Takes the oldest that nobody has taken.
   *
   * Those that a client has left count no more: there is nobody to be answered.
   */
  take({ name }: Wish): MockOperation | undefined {
    const found = this.#listed.filter(named(name)).find(isThere);
    if (found) found.isTaken = true;
    return found?.operation;
  }

  /** Will somebody who waits take this one, which is the newest? */
  isWanted({ name }: OperationCore): boolean {
    const before = this.#listed.filter(named(name)).filter(isThere).length - 1;
    const wishes = [...this.#wishes].filter((wish) => (wish.name ?? name) === name);
    return wishes.length > before;
  }
}

function named(name: string | undefined): (listed: Listed) => boolean {
  return ({ core }) => name === undefined || core.name === name;
}

/** Answered ones are there too: a test may look at what was asked. */
function isThere({ core, isTaken }: Listed): boolean {
  return !isTaken && (core.state.name === 'running' || core.state.name === 'answered');
}
