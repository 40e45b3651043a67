import { defaultFieldResolver, type GraphQLResolveInfo } from 'graphql';
import { flagOf, UnclaimedContextError } from './unclaimed-context.ts';

/**
 * Resolves fields that have no resolver: as graphql does, but for the runs of nobody.
 *
 * There a property that is a function is not called, since it would receive the context: the run is
 * flagged.
 */
export function resolveProperty(
  source: unknown,
  args: { [name: string]: unknown },
  context: unknown,
  info: GraphQLResolveInfo,
): unknown {
  const flag = flagOf(context);
  if (flag === undefined) return defaultFieldResolver(source, args, context, info);
  if ((typeof source !== 'object' || source === null) && typeof source !== 'function') {
    return undefined;
  }
  const value: unknown = Reflect.get(source, info.fieldName);
  if (typeof value !== 'function') return value;
  flag.field ??= `${info.parentType.name}.${info.fieldName}`;
  flag.reason ??= `the value of ${flag.field} is a function`;
  throw new UnclaimedContextError();
}
