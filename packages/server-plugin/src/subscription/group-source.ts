import type { GraphQLResolveInfo } from 'graphql';
import { GroupSourceIteratedError } from '../errors.ts';
import { FailedPayload } from './failed-payload.ts';
import type { SubscriptionDefinition } from './subscription-definition.ts';

/** What a `GroupSource` remembers of the call of `subscribe` that made it. */
export interface GroupSourceInit {
  readonly definition: SubscriptionDefinition;
  readonly groups: readonly string[];
  readonly root: unknown;
  readonly args: unknown;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/**
 * What the `subscribe` function of a group subscription's field returns: who hears what, instead of a stream.
 *
 * It is an `AsyncIterable` only so that GraphQL executors hand it through as the same object. To iterate it
 * throws a sentence that says where the subscription is served.
 */
export class GroupSource implements AsyncIterable<never> {
  readonly definition: SubscriptionDefinition;
  /** Names of the groups, each once, in the order in which `subscribe` gave them. */
  readonly groups: readonly string[];
  /** The name of its field. */
  readonly field: string;
  /** Absent once nothing needs it any more; so are `args` and `info`. */
  root: unknown;
  args: unknown;
  /** The context of the operation; never that of another. */
  readonly context: unknown;
  info: GraphQLResolveInfo | undefined;

  constructor(init: GroupSourceInit) {
    this.definition = init.definition;
    this.groups = init.groups;
    this.field = init.info.fieldName;
    this.root = init.root;
    this.args = init.args;
    this.context = init.context;
    this.info = init.info;
  }

  /**
   * Calls the definition's `initial`. Never rejects: a failure becomes a `FailedPayload`, which is delivered as
   * a `publish` that throws.
   *
   * @throws nothing; call it only when `definition.initial` is there, else the payload is undefined
   */
  async initialPayload(): Promise<unknown> {
    const { args, context, definition, info, root } = this;
    try {
      return info && (await definition.initial?.(root, args, context, info));
    } catch (error) {
      return new FailedPayload(error);
    }
  }

  /**
   * Lets go of what no function of the definition will get any more, now that `initial` has run:
   * `info` alone holds a whole execution, and a subscription may be idle for days.
   */
  forgetStart(): void {
    const { filter, unsubscribed } = this.definition;
    this.root = undefined;
    if (unsubscribed !== undefined) return;
    this.info = undefined;
    if (filter === undefined) this.args = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    throw new GroupSourceIteratedError(this.field);
  }
}
