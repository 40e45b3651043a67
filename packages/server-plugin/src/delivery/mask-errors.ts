import { inspect } from 'node:util';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { DeliveryLog } from './delivery-log.ts';

/** What clients see of errors: true hides what is no GraphQLError, false shows all, a function decides. */
export type MaskErrors = boolean | ((error: unknown) => GraphQLError);

/** What clients are told in place of an error that is none of theirs. */
const MASKED: GraphQLFormattedError = {
  message: 'Internal server error',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

/** How deep errors may be wrapped in each other. */
const MOST_WRAPPINGS = 20;

/**
 * Formats errors for clients.
 *
 * A GraphQLError passes, as graphql's own errors on a request do. Anything else is logged with its
 * stack, and masked as the app wants; path and locations stay.
 */
export class ErrorMask {
  readonly #mask: MaskErrors;

  constructor(mask: MaskErrors) {
    this.#mask = mask;
  }

  format(errors: readonly unknown[], log: DeliveryLog): readonly GraphQLFormattedError[] {
    return errors.map((error) => {
      try {
        return this.#format(error, log);
      } catch (failure) {
        // Errors are the app's objects: reading one may throw.
        log.error({ err: failure }, 'An error could not be read: it is masked');
        return MASKED;
      }
    });
  }

  #format(error: unknown, log: DeliveryLog): GraphQLFormattedError {
    const cause = internalCause(error);
    if (cause === undefined) return isGraphQLError(error) ? formatted(error, log) : MASKED;
    log.error({ err: cause.error }, 'An operation failed');
    const position = isGraphQLError(error) ? positionOf(error) : {};
    return { ...this.#shown(error, cause.error, log), ...position };
  }

  /** Message and extensions of an error that is none of the client's. */
  #shown(error: unknown, cause: unknown, log: DeliveryLog): GraphQLFormattedError {
    if (this.#mask === true) return MASKED;
    if (this.#mask === false) return { message: messageOf(isGraphQLError(error) ? error : cause) };
    try {
      const shown: unknown = this.#mask(cause);
      if (isGraphQLError(shown)) return formatted(shown, log);
      throw new TypeError('it returned no GraphQLError');
    } catch (failure) {
      log.error({ err: failure }, 'maskErrors() failed: the error is masked');
      return MASKED;
    }
  }
}

/** By its name: an app may have a second copy of graphql. */
function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError || (error instanceof Error && error.name === 'GraphQLError');
}

/** The error of the app under a GraphQLError that graphql made of it; undefined when there is none. */
function internalCause(error: unknown): { readonly error: unknown } | undefined {
  let inner = error;
  for (let depth = 0; depth < MOST_WRAPPINGS; depth += 1) {
    if (!isGraphQLError(inner)) return { error: inner };
    const { originalError, path } = inner;
    if (originalError === undefined || originalError === null) return undefined;
    // Of the request itself: what a scalar says of a variable is for the client.
    if (path === undefined) return undefined;
    inner = originalError;
  }
  return { error: inner };
}

function formatted(error: GraphQLError, log: DeliveryLog): GraphQLFormattedError {
  const { extensions } = error;
  const message = String(error.message);
  const hasExtensions = Object.keys(extensions ?? {}).length > 0 && isJson(extensions, log);
  return { message, ...positionOf(error), ...(hasExtensions && { extensions }) };
}

/** Extensions are the app's: a BigInt or a cycle in them must not take the whole answer along. */
function isJson(extensions: unknown, log: DeliveryLog): boolean {
  try {
    JSON.stringify(extensions);
    return true;
  } catch (error) {
    log.error({ err: error }, 'The extensions of an error cannot be sent: they are left out');
    return false;
  }
}

function positionOf({
  locations,
  path,
}: GraphQLError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return {
    ...(locations && { locations }),
    ...(path && { path: path.map((key) => (typeof key === 'number' ? key : String(key))) }),
  };
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  // Not String(): it throws on an object without a prototype.
  return inspect(error, { depth: 0 });
}
