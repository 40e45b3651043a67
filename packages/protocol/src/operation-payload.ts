import { isJsonObject, wrongField } from './field-checks.ts';
import type { JsonObject, OperationPayload } from './messages.ts';

/** In what the subprotocols differ where a client says what it wants executed. */
export interface OperationDialect {
  /** The type of the message, for the sentence. */
  readonly type: string;
  /** What a query may be, for the sentence. */
  readonly queryForm: string;
  isQuery(value: unknown): value is OperationPayload['query'];
  /** Whether an optional member counts as not given. */
  isAbsent(value: unknown): boolean;
}

/**
 * Checks the payload of the message that starts an operation.
 *
 * @returns the payload without unknown and absent members, or the sentence that says what is wrong
 */
export function readOperationPayload(
  payload: unknown,
  dialect: OperationDialect,
): OperationPayload | string {
  const wrong = (field: string, expected: string, got: unknown): string =>
    wrongField(dialect.type, field, expected, got);
  const optional = (value: unknown): unknown => (dialect.isAbsent(value) ? undefined : value);

  if (!isJsonObject(payload)) return wrong('payload', 'an object', payload);
  const { query } = payload;
  if (!dialect.isQuery(query)) return wrong('payload.query', dialect.queryForm, query);

  const variables = optional(payload['variables']);
  if (!isObjectOrUndefined(variables)) return wrong('payload.variables', 'an object', variables);
  const operationName = optional(payload['operationName']);
  if (operationName !== undefined && typeof operationName !== 'string') {
    return wrong('payload.operationName', 'a string', operationName);
  }
  const extensions = optional(payload['extensions']);
  if (!isObjectOrUndefined(extensions)) return wrong('payload.extensions', 'an object', extensions);

  return {
    query,
    ...(variables && { variables }),
    ...(operationName !== undefined && { operationName }),
    ...(extensions && { extensions }),
  };
}

function isObjectOrUndefined(value: unknown): value is JsonObject | undefined {
  return value === undefined || isJsonObject(value);
}
