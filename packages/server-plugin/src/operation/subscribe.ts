import { AsyncResource } from 'node:async_hooks';
import { GraphQLError } from 'graphql';
import { createSource } from '../delivery/graphql-api.ts';
import { fieldTopic, groupTopic } from '../groups/topic.ts';
import { GroupSource } from '../subscription/group-source.ts';
import { SKIP } from '../subscription/skip.ts';
import { confirmation } from './extension.ts';
import { GroupSubscription } from './group-subscription.ts';
import type { Unsubscription } from './pending-subscriptions.ts';
import { closeSource, PlainSubscription } from './plain-subscription.ts';
import { failOperation, type ReadyOperation } from './run-operation.ts';
import { runUnsubscribed } from './run-unsubscribed.ts';

type RunInContext = <R>(fn: () => R) => R;

/**
 * What a subscriber's functions find in the app's AsyncLocalStorages is what there was when it
 * subscribed. As AsyncLocalStorage.snapshot(), which keeps twice as much on Node 20.
 */
function captureAsyncContext(): RunInContext {
  const resource = new AsyncResource('GroupcastSubscription');
  return (fn) => resource.runInAsyncScope(fn);
}

/**
 * Subscribes: asks the app who hears what, and makes it flow.
 *
 * @returns settles when the subscription is live, or when it did not come to be
 */
export async function subscribe(ready: ReadyOperation): Promise<void> {
  const { operation, prepared, services, context } = ready;
  operation.advance({ name: 'subscribing' });
  const runInContext = captureAsyncContext();
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
  if (source instanceof GroupSource) return activate(ready, source, runInContext);
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

async function activate(
  ready: ReadyOperation,
  source: GroupSource,
  runInContext: RunInContext,
): Promise<void> {
  const { operation, services } = ready;
  const ordered = services.pending.finish(operation);
  if (operation.endReason !== undefined) {
    return runUnsubscribed({ source, runInContext }, operation.endReason, operation.client.log);
  }
  let member: GroupSubscription;
  try {
    member = createMember(ready, source, runInContext);
  } catch (error) {
    // Variables can be nested too deeply to be compared with those of others.
    failOperation(ready, 'subscribe', [error]);
    return runUnsubscribed({ source, runInContext }, 'error', operation.client.log);
  }
  // The app's shareBy.key() may have closed the connection.
  if (operation.endReason !== undefined) return member.ended(operation.endReason);
  operation.advance({ name: 'streaming', stream: member });
  if (ordered.some((order) => concerns(order, source))) {
    return operation.end('server', { type: 'complete' });
  }
  try {
    await member.join();
  } catch (error) {
    return failJoin(ready, error);
  }
  if (operation.isEnded) return;
  if (operation.asks.gaps) member.watchGaps();
  confirm(ready);
  await sendInitial(ready, member);
  if (!operation.isEnded) member.activate();
}

function createMember(
  { gate, operation, prepared, services }: ReadyOperation,
  source: GroupSource,
  runInContext: RunInContext,
): GroupSubscription {
  const { namespace } = services.settings;
  const field = source.info.fieldName;
  const plan = services.delivery.plan({
    source,
    field,
    documentKey: prepared.document.key,
    document: prepared.document.document,
    operation: prepared.operation,
    ...(operation.variables && { variables: operation.variables }),
  });
  const topics = [
    fieldTopic(namespace, field),
    ...source.groups.map((group) => groupTopic(namespace, field, group)),
  ];
  return new GroupSubscription({ operation, source, plan, topics, services, gate, runInContext });
}

async function sendInitial(ready: ReadyOperation, member: GroupSubscription): Promise<void> {
  const { operation, services } = ready;
  const { source, runInContext } = member;
  if (source.definition.initial === undefined) return;
  const payload = await runInContext(() => source.initialPayload());
  if (operation.isEnded || payload === SKIP) return;
  const resultJson = await services.delivery.renderOwn(member, payload);
  if (resultJson !== undefined) operation.next(resultJson);
}

/** Tells the client that its subscription is live, when it or the server wants that said. */
function confirm({ operation, services }: ReadyOperation): void {
  if (operation.asks.confirm) operation.next(confirmation);
  else if (services.settings.confirmSubscriptions) operation.next('{"data":null}');
}

function concerns(order: Unsubscription, source: GroupSource): boolean {
  if (order.field !== source.info.fieldName) return false;
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
