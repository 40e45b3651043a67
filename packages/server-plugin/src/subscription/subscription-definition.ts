import type { GraphQLResolveInfo } from 'graphql';
import type { GroupSource } from './group-source.ts';

/** What `subscribe` returns: names of groups, or nothing for "only broadcasts to all". */
export type GroupNames = string | readonly string[] | null | undefined | void;

/** Why a subscription has ended. */
export type EndReason = 'client' | 'server' | 'disconnect' | 'error' | 'drain';

/** A key under which subscribers share one result. */
export type ShareKey = string | number | boolean | bigint;

/** Lets subscribers with the same key share one result, which sees `context(key)` and no member's context. */
export interface ShareBy<Context = unknown, Key extends ShareKey = ShareKey> {
  /**
   * Names the part of a subscriber's context that results depend on, for example the locale.
   * Taken once, after `subscribe`. With null, undefined or a throw that subscriber shares with nobody.
   */
  key(context: Context): Key | null | undefined;
  /** Makes the context of a shared run from the key alone. */
  context(key: Key): unknown;
}

/** The options of `defineSubscription`. */
export interface SubscriptionOptions<
  Payload = unknown,
  Args = Record<string, unknown>,
  Context = unknown,
  Key extends ShareKey = ShareKey,
> {
  /**
   * Names the groups whose broadcasts this subscriber hears, and is the place to check rights: a throw
   * refuses the subscription. Runs once, before anything else.
   */
  readonly subscribe: (
    root: unknown,
    args: Args,
    context: Context,
    info: GraphQLResolveInfo,
  ) => GroupNames | PromiseLike<GroupNames>;
  /** Decides per subscriber whether a payload concerns it; anything falsy or a throw withholds it. */
  readonly filter?: (
    payload: Payload,
    args: Args,
    context: Context,
  ) => boolean | PromiseLike<boolean>;
  /** Makes the field's value of a payload; `SKIP` sends nothing. Without it the payload is the value. */
  readonly publish?: (
    payload: Payload,
    args: Args,
    context: Context,
    info: GraphQLResolveInfo,
  ) => unknown;
  /** Makes the payload of the first notification, after the groups are joined. */
  readonly initial?: (
    root: unknown,
    args: Args,
    context: Context,
    info: GraphQLResolveInfo,
  ) => unknown;
  /** Is told once that a subscription whose `subscribe` succeeded has ended, and why. */
  readonly unsubscribed?: (
    reason: EndReason,
    args: Args,
    context: Context,
    info: GraphQLResolveInfo,
  ) => unknown;
  /** Lets subscribers with the same key share one result although it depends on their context. */
  readonly shareBy?: ShareBy<Context, Key>;
  /** `false` gives every subscriber a result of its own, even where all are provably equal. @default true */
  readonly share?: boolean;
  /** Notifications that may wait per subscriber. @default the plugin's `limits.queueLimit` */
  readonly queueLimit?: number;
  /** What happens when `queueLimit` is passed. @default 'drop-oldest' */
  readonly overflow?: 'drop-oldest' | 'end';
}

/**
 * A definition as the server uses it, checked and with its defaults. The object itself is the identity of
 * the subscription: it survives spreading and wrapping.
 */
export interface SubscriptionDefinition<Payload = unknown, Args = unknown, Context = unknown> {
  subscribe(
    root: unknown,
    args: Args,
    context: Context,
    info: GraphQLResolveInfo,
  ): GroupNames | PromiseLike<GroupNames>;
  filter?(payload: Payload, args: Args, context: Context): boolean | PromiseLike<boolean>;
  publish?(payload: Payload, args: Args, context: Context, info: GraphQLResolveInfo): unknown;
  initial?(root: unknown, args: Args, context: Context, info: GraphQLResolveInfo): unknown;
  unsubscribed?(reason: EndReason, args: Args, context: Context, info: GraphQLResolveInfo): unknown;
  readonly shareBy?: ShareBy<Context>;
  readonly share: boolean;
  /** Absent: the plugin's `limits.queueLimit` holds. */
  readonly queueLimit?: number;
  readonly overflow: 'drop-oldest' | 'end';
  /** Never there at run time: carries the types to `broadcast`. */
  readonly types?: { readonly payload: Payload; readonly args: Args; readonly context: Context };
}

/**
 * What `defineSubscription` returns: a resolver object for one subscription field. It fits SDL resolvers, can be
 * spread into a graphql-js field, and can be given to a schema builder.
 */
export interface Subscription<Payload = unknown, Args = unknown, Context = unknown> {
  subscribe(
    root: unknown,
    args: Args,
    context: Context,
    info: GraphQLResolveInfo,
  ): GroupSource | Promise<GroupSource>;
  resolve(payload: unknown, args: Args, context: Context, info: GraphQLResolveInfo): unknown;
  readonly extensions: {
    readonly groupcast: SubscriptionDefinition<Payload, Args, Context>;
  };
}
