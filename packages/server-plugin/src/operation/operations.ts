import type { SubscribeMessage } from '@groupcast/protocol';
import type { EndReason } from '../subscription/subscription-definition.ts';
import type { DeliveryGate } from './delivery-gate.ts';
import { Operation, type OperationOwner } from './operation.ts';
import type { Ending, OperationClient, Wakeable } from './operation-client.ts';
import type { OperationServices } from './operation-services.ts';
import { runOperation } from './run-operation.ts';
import { SmallMap } from './small-map.ts';

/** An operation whose hooks or resolvers run, ended or not. */
interface Flow {
  /** Settles when they have run; absent before the first of them has let go. */
  done: Promise<void> | undefined;
  /** Whether it is on its way to a result, or to its first event. */
  isUnderWay: boolean;
  /** Ended by the client while it was: it counts as an operation until its hooks have run. */
  isAbandoned: boolean;
}

/**
 * The operations of one connection: which ids are in use, and in which order they run.
 *
 * By default all run at once. With `strictOrdering` one runs at a time, in the order of arrival,
 * and notifications wait while one runs, so that a mutation's result precedes what it caused.
 */
export class Operations implements OperationOwner, DeliveryGate {
  readonly #client: OperationClient;
  readonly #services: OperationServices;
  // What is seldom needed is absent while it is empty: a connection that is idle keeps little.
  #byId: SmallMap<string, Operation> | undefined;
  #flows: SmallMap<Operation, Flow> | undefined;
  #abandoned = 0;
  /** End hooks that run. */
  #hooks: Set<Promise<void>> | undefined;
  /** In strict order: those whose turn has not come. */
  #turns: Set<Operation> | undefined;
  #current: Operation | undefined;
  #held: Set<Wakeable> | undefined;
  #isPassingTurns = false;
  #isLeaving = false;

  constructor(client: OperationClient, services: OperationServices) {
    this.#client = client;
    this.#services = services;
  }

  /** Whether a query or mutation is on its way to a result. */
  get isAnswering(): boolean {
    return this.#living.some(({ state: { name } }) => name === 'preparing' || name === 'executing');
  }

  has(id: string): boolean {
    return this.#byId?.get(id) !== undefined;
  }

  /** Starts an operation whose id must not be in use. */
  start(message: SubscribeMessage): void {
    const operation = new Operation(message, this.#client, this);
    const { counters, isDraining, settings } = this.#services;
    if (isDraining) return this.#refuse(operation, 'SERVER_DRAINING', 'The server is restarting');
    // Or a client that stops what it starts could make any number of resolvers run.
    if ((this.#byId?.size ?? 0) + this.#abandoned >= settings.operationsPerConnection) {
      return this.#refuse(
        operation,
        'TOO_MANY_OPERATIONS',
        `This connection has ${settings.operationsPerConnection} operations already`,
      );
    }
    this.#byId ??= new SmallMap();
    this.#byId.set(operation.id, operation);
    counters.operations += 1;
    if (!settings.strictOrdering) return this.#run(operation);
    this.#turns ??= new Set();
    this.#turns.add(operation);
    this.#nextTurn();
  }

  /** Ends one operation on the client's wish; false when the id is not in use. */
  stop(id: string, ending: Ending): boolean {
    const operation = this.#byId?.get(id);
    if (operation === undefined) return false;
    const flow = this.#flows?.get(operation);
    if (flow?.isUnderWay === true) {
      flow.isAbandoned = true;
      this.#abandoned += 1;
    }
    operation.end('client', ending);
    return true;
  }

  /**
   * Ends all of them without a word to the client. None is started or notified any more.
   *
   * What has not come to life ends within the call. Live subscriptions may end in later turns of
   * the event loop: when many clients leave in one go, others get their turn in between.
   *
   * @returns settles when the end hooks have run, those too of subscriptions whose `subscribe` is
   *   pending
   */
  async endAll(reason: EndReason): Promise<void> {
    const { pending, scheduler } = this.#services;
    this.#isLeaving = true;
    const flows = this.#flows?.entries() ?? [];
    const unborn = flows.filter(([, { isUnderWay }]) => isUnderWay).map(([operation]) => operation);
    unborn.push(...(this.#turns ?? []));
    // Or the end of one would give its turn to the next.
    this.#turns = undefined;
    const subscribing = flows.map(([operation, flow]) =>
      pending.has(operation) ? flow.done : undefined,
    );
    const end = (operation: Operation): void => {
      operation.end(reason, { type: 'silent' });
    };
    for (const operation of unborn) end(operation);
    const living = this.#living;
    if (living.length > 0) await scheduler.forEach(living, end);
    await Promise.all([...subscribing, ...(this.#hooks ?? [])]);
  }

  endHookRuns(hook: Promise<void>): void {
    const hooks = this.#hooks ?? new Set();
    this.#hooks = hooks;
    hooks.add(hook);
    void hook.then(() => hooks.delete(hook));
  }

  operationEnded(operation: Operation): void {
    this.#turns?.delete(operation);
    if (this.#byId?.get(operation.id) !== operation) return;
    this.#byId.delete(operation.id);
    this.#services.counters.operations -= 1;
    // Its hooks and resolvers may hang for ever: they are on their way to nothing.
    this.#arrived(operation, this.#flows?.get(operation));
  }

  get isOpen(): boolean {
    return !this.#isLeaving && this.#current === undefined && this.#client.isWritable;
  }

  onceOpen(waiting: Wakeable): void {
    if (this.#current === undefined) return this.#client.onceWritable(waiting);
    this.#held ??= new Set();
    this.#held.add(waiting);
  }

  forget(waiting: Wakeable): void {
    this.#held?.delete(waiting);
    this.#client.forget(waiting);
  }

  get #living(): readonly Operation[] {
    return this.#byId?.entries().map(([, operation]) => operation) ?? [];
  }

  #run(operation: Operation): void {
    const flow: Flow = { done: undefined, isUnderWay: true, isAbandoned: false };
    this.#flows ??= new SmallMap();
    this.#flows.set(operation, flow);
    this.#services.counters.underWay += 1;
    const done = runOperation({ operation, services: this.#services, gate: this });
    if (done === undefined) this.#finished(operation, flow);
    else flow.done = done.then(() => this.#finished(operation, flow));
  }

  #finished(operation: Operation, flow: Flow): void {
    this.#flows?.delete(operation);
    if (this.#flows?.size === 0) this.#flows = undefined;
    if (flow.isAbandoned) this.#abandoned -= 1;
    this.#arrived(operation, flow);
  }

  #arrived(operation: Operation, flow: Flow | undefined): void {
    if (flow?.isUnderWay === true) {
      flow.isUnderWay = false;
      this.#services.counters.underWay -= 1;
    }
    this.#passTurn(operation);
  }

  /** In strict order: whose turn it was has ended, or is streaming. */
  #passTurn(operation: Operation): void {
    if (this.#current !== operation) return;
    this.#current = undefined;
    const held = this.#held;
    this.#held = undefined;
    // Between two operations, or a client that never pauses would never hear a notification.
    for (const waiting of held ?? []) waiting.wake();
    this.#nextTurn();
  }

  #nextTurn(): void {
    // An operation that is done within its turn comes back here: the loop goes on by itself.
    if (this.#isPassingTurns) return;
    this.#isPassingTurns = true;
    while (this.#current === undefined) {
      const [operation] = this.#turns ?? [];
      if (operation === undefined) break;
      this.#turns?.delete(operation);
      this.#current = operation;
      this.#run(operation);
    }
    this.#isPassingTurns = false;
  }

  #refuse(operation: Operation, code: string, message: string): void {
    this.#client.sendFailure(operation.wireId, {
      stage: 'request',
      errors: [{ message, extensions: { code } }],
    });
  }
}
