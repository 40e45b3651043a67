import type { GraphQLFieldResolver } from 'graphql';
import { isPromiseLike } from '../subscription/promise-like.ts';
import { SKIP, SKIP_SIGNAL } from '../subscription/skip.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** Hands `SKIP` to the middleware as what `publish` returned, instead of as a throw. */
export function passSkip(resolver: Resolver): Resolver {
  return (root, args, context, info) => {
    try {
      const value: unknown = resolver(root, args, context, info);
      return isPromiseLike(value) ? Promise.resolve(value).catch(skipped) : value;
    } catch (error) {
      return skipped(error);
    }
  };
}

/** Turns the `SKIP` that comes out of the middleware into the throw that the run knows. */
export function sendSkip(resolver: Resolver): Resolver {
  return (root, args, context, info) => {
    const value: unknown = resolver(root, args, context, info);
    return isPromiseLike(value) ? Promise.resolve(value).then(signalled) : signalled(value);
  };
}

function skipped(error: unknown): typeof SKIP {
  if (error === SKIP_SIGNAL) return SKIP;
  throw error;
}

function signalled(value: unknown): unknown {
  if (value === SKIP) throw SKIP_SIGNAL;
  return value;
}
