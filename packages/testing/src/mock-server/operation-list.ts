import type { MockOperation } from './mock-operation.ts';
import type { OperationCore } from './operation-core.ts';

interface Listed {
  readonly core: OperationCore;
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

  add(core: OperationCore): void {
    this.#listed.push({ core, isTaken: false });
  }

  /** Of a name, or of any, oldest first. */
  all(name?: string): readonly MockOperation[] {
    return this.#listed.filter(named(name)).map(({ core }) => core.handle);
  }

  /** Those that neither side has ended. */
  running(name?: string): readonly MockOperation[] {
    return this.all(name).filter(({ isRunning }) => isRunning);
  }

  /** Somebody waits for an operation, until `drop`. */
  wish(name: string | undefined): Wish {
    const wish = { name };
    this.#wishes.add(wish);
    return wish;
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
    return found?.core.handle;
  }

  /** Will somebody who waits take this one? Each takes only one, those who came first first. */
  isWanted(core: OperationCore): boolean {
    const left = this.#listed.filter(isThere);
    for (const { name } of this.#wishes) {
      const index = left.findIndex(named(name));
      if (index >= 0 && left.splice(index, 1)[0]?.core === core) return true;
    }
    return false;
  }
}

function named(name: string | undefined): (listed: Listed) => boolean {
  return ({ core }) => name === undefined || core.name === name;
}

/** Answered ones are there too: a test may look at what was asked. */
function isThere({ core, isTaken }: Listed): boolean {
  return !isTaken && (core.state.name === 'running' || core.state.name === 'answered');
}
