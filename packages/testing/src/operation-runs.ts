import { MODERN, type Subprotocol } from '@groupcast/protocol';

/** One `subscribe` of the client, up to its ending. */
export interface Run {
  readonly id: string;
  /** `stopped` by the client, which the server may not have read; `over` when it has. */
  state: 'running' | 'stopped' | 'over';
}

/** Why a message must not have come for an id. */
export type Wrong =
  | { readonly reason: 'unknown' }
  | { readonly reason: 'ended'; readonly line: number }
  | { readonly reason: 'stopped' };

/** All that was started under one id. */
interface Id {
  /** What may still be spoken of, oldest first: several, when the id was used again early. */
  readonly runs: Run[];
  /** Errors that are due for messages that could not be read. */
  refusalsDue: number;
  /** What is wrong with a message that comes when there are none. */
  whenNone: Wrong;
}

/** Which operations a server may still speak of, as far as a client can know. */
export class OperationRuns {
  readonly #ids = new Map<string, Id>();
  readonly #stopped = new Set<Run>();

  start(id: string): void {
    this.#open(id).runs.push({ id, state: 'running' });
  }

  /** The client ends what runs under an id; what the server has sent by then may still arrive. */
  stop(id: string): void {
    for (const run of this.#ids.get(id)?.runs ?? []) {
      if (run.state !== 'running') continue;
      run.state = 'stopped';
      this.#stopped.add(run);
    }
  }

  /** Those that were stopped, and of which it is not known whether the server has read that. */
  stopped(): Run[] {
    return [...this.#stopped];
  }

  /** The server has read that an operation is stopped: no result comes any more. */
  endStopped(run: Run, subprotocol: Subprotocol): void {
    this.#stopped.delete(run);
    run.state = 'over';
    // A legacy server says `complete` when its source has closed, which may take a while.
    if (subprotocol === MODERN) this.#remove(run, { reason: 'stopped' });
  }

  /** An `error` may come for an id without being the end of an operation. */
  expectRefusal(id: string): void {
    this.#open(id).refusalsDue += 1;
  }

  /** Is this `error` one that was due? */
  takeRefusal(id: string): boolean {
    const found = this.#ids.get(id);
    if (found === undefined || found.refusalsDue === 0) return false;
    found.refusalsDue -= 1;
    return true;
  }

  /** Takes note of a message for an id; says what is wrong with it. */
  take(id: string, message: { isEnding: boolean; line: number }): Wrong | undefined {
    const found = this.#ids.get(id);
    if (found === undefined) return { reason: 'unknown' };
    const [oldest] = found.runs;
    if (oldest === undefined) return found.whenNone;
    if (message.isEnding) {
      this.#remove(oldest, { reason: 'ended', line: message.line });
      return undefined;
    }
    return found.runs.every(({ state }) => state === 'over') ? { reason: 'stopped' } : undefined;
  }

  #open(id: string): Id {
    const found = this.#ids.get(id);
    if (found) return found;
    const opened: Id = { runs: [], refusalsDue: 0, whenNone: { reason: 'unknown' } };
    this.#ids.set(id, opened);
    return opened;
  }

  #remove(run: Run, whenNone: Wrong): void {
    this.#stopped.delete(run);
    const found = this.#ids.get(run.id);
    const index = found?.runs.indexOf(run) ?? -1;
    if (found === undefined || index < 0) return;
    found.runs.splice(index, 1);
    found.whenNone = whenNone;
  }
}
