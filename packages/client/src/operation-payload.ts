import type { OperationPayload } from '@groupcast/protocol';
import type { Document, Print } from './document.ts';
import { ClientError } from './errors.ts';
import { operationKind } from './operation-kind.ts';
import type { RequestOptions } from './options.ts';

/** What documents of the tools in use may have beside what they are. */
interface Extras {
  /** codegen's persisted documents. */
  readonly __meta__?: { readonly hash?: unknown };
  /** gql.tada's persisted documents. */
  readonly documentId?: unknown;
}

/** What {@link operationPayload} is told beside the document. */
export interface PayloadOptions extends RequestOptions {
  /** Kinds of operations, as documents write them. */
  readonly accepts: readonly string[];
  readonly variables: unknown;
  readonly print: Print;
}

/**
 * Makes the payload of an operation.
 *
 * @throws ClientError `DOCUMENT_INVALID` for a document that can't be printed, or that holds another
 *   kind of operation: a mutation must not be sent as what comes back by itself; `VARIABLES_INVALID`
 */
export function operationPayload<R, V>(
  document: Document<R, V>,
  { accepts, variables, operationName, extensions, print }: PayloadOptions,
): OperationPayload {
  const { __meta__, documentId }: Extras = Object(document);
  const hash = __meta__?.hash ?? documentId;
  const isText = typeof document === 'string' || document instanceof String;
  const query = hash !== undefined ? '' : isText ? `${document}` : printed(document, print);
  const kind = operationKind(query, operationName);
  if (kind && !accepts.includes(kind)) {
    throw new ClientError('DOCUMENT_INVALID', `Expected a ${accepts.join(' or ')}, got a ${kind}`);
  }
  const persisted = hash !== undefined && { persistedQuery: { version: 1, sha256Hash: hash } };
  try {
    // A copy: what is sent again must be what was given. Undefined members are not written.
    return JSON.parse(
      JSON.stringify({
        query,
        variables,
        operationName,
        extensions: extensions || persisted ? { ...extensions, ...persisted } : undefined,
      }),
    );
  } catch (cause) {
    throw new ClientError('VARIABLES_INVALID', 'Cannot be written as JSON', { cause });
  }
}

function printed(document: object, print: Print): string {
  try {
    return print(document as never);
  } catch (cause) {
    if (cause instanceof ClientError) throw cause;
    throw new ClientError('DOCUMENT_INVALID', 'Cannot be printed', { cause });
  }
}
