import type { OperationPayload } from '@groupcast/protocol';
import type { Document, Print } from './document.ts';
import { ClientError, type ClientErrorCode } from './errors.ts';
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
  readonly accepts: string;
  readonly variables: unknown;
  readonly print: Print;
}

/**
 * Makes the payload of an operation.
 *
 * @throws ClientError `DOCUMENT_INVALID` for a document that can't be printed, or that holds
 *   another kind of operation: a mutation must not be sent as what comes back by itself;
 *   `VARIABLES_INVALID`
 */
export function operationPayload<R, V>(
  document: Document<R, V>,
  { accepts, variables, operationName, extensions, print }: PayloadOptions,
): OperationPayload {
  const { __meta__, documentId }: Extras = Object(document);
  const sha256Hash = __meta__?.hash ?? documentId;
  let code: ClientErrorCode = 'DOCUMENT_INVALID';
  try {
    // As objects, texts are of one class; whatever else there is, is no text either.
    const isText = Object(document) instanceof String;
    const query = sha256Hash ? '' : isText ? `${document}` : print(document as never);
    const kind = operationKind(query, operationName);
    if (kind && !accepts.includes(kind)) throw Error(`Expected a ${accepts}, got a ${kind}`);
    code = 'VARIABLES_INVALID';
    // A copy: what is sent again must be what was given. Undefined members are not written.
    return JSON.parse(
      JSON.stringify({
        query,
        variables,
        operationName,
        extensions: sha256Hash
          ? { ...extensions, persistedQuery: { version: 1, sha256Hash } }
          : extensions,
      }),
    );
  } catch (cause) {
    throw new ClientError(code, '', { cause });
  }
}
