/** A member's check; a name that ends in `?` may be absent, but is never undefined when it is there. */
type Shape = { readonly [name: string]: (value: unknown) => boolean };

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isString = (value: unknown): value is string => typeof value === 'string';
const isText = (value: unknown): boolean => isString(value) && value !== '';
const isObjectOrNull = (value: unknown): boolean => value === null || isObject(value);
const isWireId = (value: unknown): boolean => isString(value) || Number.isFinite(value);

const arrayOf =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(check);

const nonEmpty =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    arrayOf(check)(value) && Array.isArray(value) && value.length > 0;

/** Whether a value has the members of a shape and no other. */
function has(shape: Shape, value: unknown): boolean {
  if (!isObject(value)) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  for (const [name, check] of Object.entries(shape)) {
    const key = name.replace('?', '');
    if (members.has(key) ? !check(members.get(key)) : !name.endsWith('?')) return false;
    members.delete(key);
  }
  return members.size === 0;
}

const is =
  (shape: Shape) =>
  (value: unknown): boolean =>
    has(shape, value);

/** Clients check of an error and of a result what they read; whatever else there is, is handed on. */
const isError = (value: unknown): boolean =>
  isObject(value) && 'message' in value && isString(value.message);

const isResult = (value: unknown): boolean =>
  isObject(value) &&
  (!('errors' in value) || nonEmpty(isError)(value.errors)) &&
  (!('extensions' in value) || isObject(value.extensions));

const isParsedDocument = (value: unknown): boolean =>
  isObject(value) && 'kind' in value && value.kind === 'Document';

const operation = (isQuery: (value: unknown) => boolean, isName: (value: unknown) => boolean) =>
  is({ query: isQuery, 'variables?': isObject, 'operationName?': isName, 'extensions?': isObject });

/** The shapes of each sender's messages, as the types promise them. */
export const shapes = {
  modernClient: {
    connection_init: { 'payload?': isObject },
    ping: { 'payload?': isObjectOrNull },
    pong: { 'payload?': isObjectOrNull },
    subscribe: { id: isText, wireId: isText, payload: operation(isString, isString) },
    complete: { id: isText, wireId: isText },
  },
  modernServer: {
    connection_ack: { 'payload?': isObject },
    ping: { 'payload?': isObject },
    pong: { 'payload?': isObject },
    next: { id: isText, payload: isResult },
    error: { id: isText, payload: nonEmpty(isError) },
    complete: { id: isText },
  },
  legacyClient: {
    connection_init: { 'payload?': isObject },
    connection_terminate: {},
    subscribe: {
      id: isString,
      wireId: isWireId,
      payload: operation((query) => isString(query) || isParsedDocument(query), isText),
    },
    complete: { id: isString, wireId: isWireId },
  },
  legacyServer: {
    connection_ack: { 'payload?': isObject },
    connection_error: { payload: isError },
    ka: {},
    next: { id: isWireId, payload: isResult },
    error: { id: isWireId, payload: nonEmpty(isError) },
    complete: { id: isWireId },
  },
} satisfies Record<string, Record<string, Shape>>;

const answers: Record<string, Shape> = {
  close: { code: (code) => code === 4400 },
  'operation-error': { id: isWireId },
  'connection-error': {},
};

function isReason(value: unknown): boolean {
  return isText(value) && Buffer.byteLength(String(value), 'utf8') <= 123;
}

/** Whether a value is a violation with one of the given answers, whose reason fits into a close frame. */
export function isViolation(value: object, allowed: readonly string[]): boolean {
  if (!('answer' in value) || !allowed.includes(String(value.answer))) return false;
  const shape = answers[String(value.answer)];
  const frame = { type: isString, answer: isString, reason: isReason };
  return shape !== undefined && has({ ...frame, ...shape }, value);
}

/** Whether a value is a message of one sender, with checked members alone. */
export function isMessage(value: { type: string }, sender: Record<string, Shape>): boolean {
  const shape = new Map(Object.entries(sender)).get(value.type);
  return shape !== undefined && has({ type: isString, ...shape }, value);
}
