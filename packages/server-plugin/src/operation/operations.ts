import type { SubscribeMessage } from '@groupcast/protocol';
import type { EndReason } from '../subscription/subscription-definition.ts';
import type { DeliveryGate } from './delivery-gate.ts';
import { Operation, type OperationOwner } from './operation.ts';
import type { Ending, OperationClient, Wakeable } from './operation-client.ts';
import type { OperationServices } from './operation-services.ts';
import { runOperation } from './run-operation.ts';

/**
 * The operations of one connection: which ids are in use, and in which order they run.
 *
 * By default all run at once. With `strictOrdering` one runs at a time, in the order of arrival,
 * and notifications wait while one runs, so that a mutation's result precedes what it caused.
 */
export class Operations implements OperationOwner, DeliveryGate {
  readonly #client: OperationClient;
  readonly #services: OperationServices;
  readonly #byId = new Map<string, Operation>();
  /** Those whose hooks or resolvers still run, ended or not. */
  readonly #flows = new Map<Operation, Promise<void>>();
  /** Those that are on their way to a result, or to their first event. */
  readonly #underWay = new Set<Operation>();
  /** Ended by the client while hooks or resolvers still run: they count as operations. */
  readonly #abandoned = new Set<Operation>();
  /** End hooks that run. */
  readonly #hooks = new Set<Promise<void>>();
  /** In strict order: those whose turn has not come. */
  readonly #turns = new Set<Operation>();
  #current: Operation | undefined;
  #held = new Set<Wakeable>();
  #isLeaving = false;

  constructor(client: OperationClient, services: OperationServices) {
    this.#client = client;
    this.#services = services;
  }

  /** Whether a query or mutation is on its way to a result. */
  get isAnswering(): boolean {
    for (const operation of this.#byId.values()) {
      if (operation.state.name === 'preparing' || operation.state.name === 'executing') return true;
    }
    return false;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Starts an operation whose id must not be in use. */
  start(message: SubscribeMessage): void {
    const operation = new Operation(message, this.#client, this);
    const { counters, isDraining, settings } = this.#services;
    if (isDraining) return this.#refuse(operation, 'SERVER_DRAINING', 'The server is restarting');
    // Or a client that stops what it starts could make any number of resolvers run.
    if (this.#byId.size + this.#abandoned.size >= settings.operationsPerConnection) {
      return this.#refuse(
        operation,
        'TOO_MANY_OPERATIONS',
        `This connection has ${settings.operationsPerConnection} operations already`,
      );
    }
    this.#byId.set(operation.id, operation);
    counters.operations += 1;
    if (!settings.strictOrdering) return this.#run(operation);
    this.#turns.add(operation);
    this.#nextTurn();
  }

  /** Ends one operation on the client's wish; false when the id is not in use. */
  stop(id: string, ending: Ending): boolean {
    const operation = this.#byId.get(id);
    if (operation === undefined) return false;
    if (this.#underWay.has(operation)) this.#abandoned.add(operation);
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
    const unborn = [...this.#underWay, ...this.#turns];
    // Or the end of one would give its turn to the next.
    this.#turns.clear();
    const subscribing: Promise<void>[] = [];
    for (const [operation, flow] of this.#flows) {
      if (pending.has(operation)) subscribing.push(flow);
    }
    const end = (operation: Operation): void => {
      operation.end(reason, { type: 'silent' });
    };
    for (const operation of unborn) end(operation);
    await scheduler.forEach([...this.#byId.values()], end);
    await Promise.all([...subscribing, ...this.#hooks]);
  }

  endHookRuns(hook: Promise<void>): void {
    this.#hooks.add(hook);
    void hook.then(() => this.#hooks.delete(hook));
  }

  operationEnded(operation: Operation): void {
    this.#turns.delete(operation);
    if (this.#byId.get(operation.id) !== operation) return;
    this.#byId.delete(operation.id);
    this.#services.counters.operations -= 1;
    // Its hooks and resolvers may hang for ever: they are on their way to nothing.
    this.#arrived(operation);
  }

  get isOpen(): boolean {
    return !this.#isLeaving && this.#current === undefined && this.#client.isWritable;
  }

  onceOpen(waiting: Wakeable): void {
    if (this.#current !== undefined) this.#held.add(waiting);
    else this.#client.onceWritable(waiting);
  }

  forget(waiting: Wakeable): void {
    this.#held.delete(waiting);
    this.#client.forget(waiting);
  }

  #run(operation: Operation): void {
    this.#underWay.add(operation);
    this.#services.counters.underWay += 1;
    const flow = runOperation({
      operation,
      services: this.#services,
      gate: this,
    }).finally(() => {
      this.#flows.delete(operation);
      this.#abandoned.delete(operation);
      this.#arrived(operation);
    });
    this.#flows.set(operation, flow);
  }

  #arrived(operation: Operation): void {
    if (this.#underWay.delete(operation)) this.#services.counters.underWay -= 1;
    this.#passTurn(operation);
  }

  /** In strict order: whose turn it was has ended, or is streaming. */
  #passTurn(operation: Operation): void {
    if (this.#current !== operation) return;
    this.#current = undefined;
    const held = this.#held;
    this.#held = new Set();
    // Between two operations, or a client that never pauses would never hear a notification.
    for (const waiting of held) waiting.wake();
    this.#nextTurn();
  }

  #nextTurn(): void {
    while (this.#current === undefined) {
      const [operation] = this.#turns;
      if (operation === undefined) return;
      this.#turns.delete(operation);
      this.#current = operation;
      this.#run(operation);
    }
  }

  #refuse(operation: Operation, code: string, message: string): void {
    this.#client.sendFailure(operation.wireId, {
      stage: 'request',
      errors: [{ message, extensions: { code } }],
    });
  }
}
