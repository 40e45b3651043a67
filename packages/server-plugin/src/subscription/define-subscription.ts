import type { GraphQLResolveInfo } from 'graphql';
import { checkSubscriptionOptions } from './check-subscription-options.ts';
import { FailedPayload } from './failed-payload.ts';
import { groupNames } from './group-names.ts';
import { GroupSource } from './group-source.ts';
import { isPromiseLike } from './promise-like.ts';
import { takePublished } from './published.ts';
import { SKIP, SKIP_SIGNAL } from './skip.ts';
import type {
  GroupNames,
  ShareKey,
  Subscription,
  SubscriptionDefinition,
  SubscriptionOptions,
} from './subscription-definition.ts';

const definitions = new WeakSet<object>();
const resolvers = new WeakMap<object, SubscriptionDefinition>();

/** Tells whether `value` is a definition that this copy of the package made. */
export function isSubscriptionDefinition(value: unknown): value is SubscriptionDefinition {
  return typeof value === 'object' && value !== null && definitions.has(value);
}

/** Tells whether a field's resolver is that of a definition: all it calls is its `publish`. */
export function isDefinitionResolver(resolve: object, definition: SubscriptionDefinition): boolean {
  return resolvers.get(resolve) === definition;
}

/**
 * Defines a subscription whose events are routed by group.
 *
 * Annotate the parameters of your functions, and the types follow: the payload from `filter` or `publish`,
 * arguments and context from `subscribe` or `filter`.
 *
 * @returns a plain object for one subscription field of the schema: give it as the field's resolver in SDL,
 *   spread it into a graphql-js field, or hand it to a schema builder
 * @throws `GROUPCAST_ERR_SUBSCRIPTION_INVALID` when an option is unknown or wrong
 */
export function defineSubscription<
  Payload = unknown,
  Args = Record<string, unknown>,
  Context = unknown,
  Key extends ShareKey = ShareKey,
>(options: SubscriptionOptions<Payload, Args, Context, Key>): Subscription<Payload, Args, Context> {
  checkSubscriptionOptions(options);
  const definition: SubscriptionDefinition<Payload, Args, Context> = Object.freeze({
    share: true,
    overflow: 'drop-oldest' as const,
    ...withoutUndefined(options),
  });
  definitions.add(definition);
  const resolve: Subscription<Payload, Args, Context>['resolve'] = (payload, args, context, info) =>
    resolvePayload(definition, payload, args, context, info);
  resolvers.set(resolve, definition);
  return {
    subscribe: (root, args, context, info) =>
      subscribeToGroups(definition, root, args, context, info),
    resolve,
    extensions: Object.freeze({ groupcast: definition }),
  };
}

/** Calls the user's `subscribe` once. Synchronous when it is. */
function subscribeToGroups(
  definition: SubscriptionDefinition,
  root: unknown,
  args: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): GroupSource | Promise<GroupSource> {
  const toSource = (names: unknown): GroupSource =>
    new GroupSource({
      definition,
      groups: groupNames(names, info.fieldName),
      root,
      args,
      context,
      info,
    });
  const names: GroupNames | PromiseLike<GroupNames> = definition.subscribe(
    root,
    args,
    context,
    info,
  );
  return isPromiseLike(names) ? Promise.resolve(names).then(toSource) : toSource(names);
}

/** The field's value: what `publish` makes of the payload, or the payload itself. */
function resolvePayload(
  definition: SubscriptionDefinition,
  payload: unknown,
  args: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): unknown {
  if (payload instanceof FailedPayload) throw payload.error;
  const published = takePublished();
  if (published !== undefined) {
    if ('error' in published) throw published.error;
    return published.value;
  }
  if (definition.publish === undefined) return payload;
  const value = definition.publish(payload, args, context, info);
  return isPromiseLike(value) ? Promise.resolve(value).then(orSkip) : orSkip(value);
}

function orSkip(value: unknown): unknown {
  if (value === SKIP) throw SKIP_SIGNAL;
  return value;
}

/** A copy in which absent options are absent, so that they don't hide defaults. */
function withoutUndefined<Options extends object>(options: Options): Options {
  const copy = { ...options };
  for (const key of Object.keys(copy)) {
    if (Reflect.get(copy, key) === undefined) Reflect.deleteProperty(copy, key);
  }
  return copy;
}
