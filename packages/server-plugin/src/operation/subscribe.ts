import { GraphQLError } from 'graphql';
import { createSource } from '../delivery/graphql-api.ts';
import { GroupSource } from '../subscription/group-source.ts';
import { SKIP } from '../subscription/skip.ts';
import type { EndReason } from '../subscription/subscription-definition.ts';
import { AsyncContext } from './async-context.ts';
import { confirmation } from './extension.ts';
import { GroupSubscription } from './group-subscription.ts';
import type { Operation } from './operation.ts';
import type { Unsubscription } from './pending-subscriptions.ts';
import { closeSource, PlainSubscription } from './plain-subscription.ts';
import { failOperation, type ReadyOperation } from './run-operation.ts';
import { runUnsubscribed } from './run-unsubscribed.ts';

/**
 * Subscribes: asks the app who hears what, and makes it flow.
 *
 * @returns settles when the subscription is live, or when it did not come to be
 */
export async function subscribe(ready: ReadyOperation): Promise<void> {
  const { operation, prepared, services, context } = ready;
  operation.advance({ name: 'subscribing' });
  const asyncContext = new AsyncContext();
  const source = await createSource({
    schema: services.delivery.schema,
    document: prepared.document.document,
    operationName: prepared.operation.name?.value,
    variableValues: operation.variables,
    contextValue: context,
    rootValue: undefined,
    // Without the signal: graphql 17 abandons a source that comes after it, and nobody closes that.
  });
  if ('errors' in source) {
    // Errors of the request itself have no path, those of the field's function have.
    const isOfField = source.errors.some(({ path }) => path !== undefined);
    return failOperation(ready, isOfField ? 'subscribe' : 'request', source.errors);
  }
  if (source instanceof GroupSource) return activate(ready, source, asyncContext);
  if (operation.isEnded) {
    // Not awaited: a generator that waits for ever never answers.
    void closeSource(source[Symbol.asyncIterator](), operation);
    return;
  }
  const plain = new PlainSubscription({ ready, events: source });
  operation.advance({ name: 'streaming', stream: plain });
  confirm(ready);
  void plain.pull();
}

function activate(
  ready: ReadyOperation,
  source: GroupSource,
  asyncContext: AsyncContext,
): void | Promise<void> {
  const { operation, services } = ready;
  const ordered = services.pending.finish(operation);
  const ended = (reason: EndReason): void | Promise<void> =>
    runUnsubscribed(
      { source, runInContext: (fn) => asyncContext.runInContext(fn) },
      reason,
      operation.client.log,
    );
  if (operation.endReason !== undefined) return ended(operation.endReason);
  let member: GroupSubscription;
  try {
    member = createMember(ready, source, asyncContext);
  } catch (error) {
    // Variables can be nested too deeply to be compared with those of others.
    failOperation(ready, 'subscribe', [error]);
    return ended('error');
  }
  // The app's shareBy.key() may have closed the connection.
  if (operation.endReason !== undefined) return member.ended(operation.endReason);
  operation.advance({ name: 'streaming', stream: member });
  if (ordered.some((order) => concerns(order, source))) {
    return operation.end('server', { type: 'complete' });
  }
  const joined = member.join();
  return joined === undefined ? begin(ready, member) : beginAfter(joined, ready, member);
}

async function beginAfter(
  joined: Promise<unknown>,
  ready: ReadyOperation,
  member: GroupSubscription,
): Promise<void> {
  try {
    await joined;
  } catch (error) {
    return failJoin(ready, error);
  }
  return begin(ready, member);
}

/** Its groups are joined: lets its events flow, after the initial one. */
function begin(ready: ReadyOperation, member: GroupSubscription): void | Promise<void> {
  const { operation } = ready;
  if (operation.isEnded) return;
  if (operation.asks.gaps) member.watchGaps();
  confirm(ready);
  if (member.source.definition.initial !== undefined) return sendInitial(ready, member);
  flow(operation, member);
}

function flow(operation: Operation, member: GroupSubscription): void {
  member.source.forgetStart();
  if (!operation.isEnded) member.activate();
}

function createMember(
  { gate, operation, prepared, services }: ReadyOperation,
  source: GroupSource,
  asyncContext: AsyncContext,
): GroupSubscription {
  const plan = services.delivery.plan({
    source,
    field: source.field,
    documentKey: prepared.document.key,
    document: prepared.document.document,
    operation: prepared.operation,
    ...(operation.variables && { variables: operation.variables }),
  });
  return new GroupSubscription({ operation, source, plan, services, gate, asyncContext });
}

async function sendInitial(ready: ReadyOperation, member: GroupSubscription): Promise<void> {
  const { operation, services } = ready;
  const payload = await member.runInContext(() => member.source.initialPayload());
  if (operation.isEnded || payload === SKIP) return flow(operation, member);
  const resultJson = await services.delivery.renderOwn(member, payload);
  if (resultJson !== undefined) operation.next(resultJson);
  flow(operation, member);
}

/** Tells the client that its subscription is live, when it or the server wants that said. */
function confirm({ operation, services }: ReadyOperation): void {
  if (operation.asks.confirm) operation.next(confirmation(operation.client.slot.retryAfterMs));
  else if (services.settings.confirmSubscriptions) operation.next('{"data":null}');
}

function concerns(order: Unsubscription, source: GroupSource): boolean {
  if (order.field !== source.field) return false;
  return order.group === undefined || source.groups.includes(order.group);
}

function failJoin(ready: ReadyOperation, error: unknown): void {
  const { operation } = ready;
  if (operation.isEnded) return;
  const details = { err: error, id: operation.id };
  operation.client.log.error(details, 'Groups could not be joined: the subscription is refused');
  const unavailable = new GraphQLError('The subscription could not be joined, try again later', {
    extensions: { code: 'BROKER_UNAVAILABLE' },
  });
  failOperation(ready, 'subscribe', [unavailable]);
}
