import type {
  FormattedError,
  LegacyClientMessage,
  LegacyServerMessage,
  ModernClientMessage,
  ModernServerMessage,
  OperationPayload,
  ResultPayload,
  WireId,
} from '@groupcast/protocol';
import fc from 'fast-check';

/** Values as `JSON.parse` makes them: plain prototypes, no -0. */
const json: fc.Arbitrary<unknown> = fc
  .jsonValue({ maxDepth: 2 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)));

const jsonObject: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'id', 'type')),
  json,
  { maxKeys: 3, noNullPrototype: true },
);

export const modernId: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom('1', '__proto__', 'constructor', 'toString', '\uD83D', '"\\'),
);

export const legacyId: fc.Arbitrary<WireId> = fc.oneof(
  modernId,
  fc.constant(''),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((id) => !Object.is(id, -0)),
);

const error: fc.Arbitrary<FormattedError> = fc.record(
  {
    message: fc.string(),
    locations: fc.array(
      fc.record({ line: fc.nat(), column: fc.nat() }, { noNullPrototype: true }),
      { maxLength: 2 },
    ),
    path: fc.array(fc.oneof(fc.string(), fc.nat()), { maxLength: 3 }),
    extensions: jsonObject,
  },
  { requiredKeys: ['message'], noNullPrototype: true },
);

const errors = fc.array(error, { minLength: 1, maxLength: 3 });

const result: fc.Arbitrary<ResultPayload> = fc.record(
  { data: json, errors, extensions: jsonObject },
  { requiredKeys: [], noNullPrototype: true },
);

function operation<Query extends OperationPayload['query']>(
  query: fc.Arbitrary<Query>,
  operationName: fc.Arbitrary<string>,
): fc.Arbitrary<OperationPayload> {
  return fc.record(
    { query, variables: jsonObject, operationName, extensions: jsonObject },
    { requiredKeys: ['query'], noNullPrototype: true },
  );
}

const parsedDocument = jsonObject.map((rest) => ({ ...rest, kind: 'Document' as const }));

/** A message of a fixed type, with or without its payload. */
function optionalPayload<Type extends string, Payload>(
  type: Type,
  payload: fc.Arbitrary<Payload>,
): fc.Arbitrary<{ readonly type: Type; readonly payload?: Payload }> {
  return fc.record(
    { type: fc.constant(type), payload },
    { requiredKeys: ['type'], noNullPrototype: true },
  );
}

function heartbeat<Payload>(payload: fc.Arbitrary<Payload>) {
  return fc.oneof(optionalPayload('ping', payload), optionalPayload('pong', payload));
}

export const modernClientMessage: fc.Arbitrary<ModernClientMessage> = fc.oneof(
  optionalPayload('connection_init', jsonObject),
  heartbeat(fc.option(jsonObject)),
  fc
    .tuple(modernId, operation(fc.string(), fc.string()))
    .map(([id, payload]) => ({ type: 'subscribe' as const, id, wireId: id, payload })),
  modernId.map((id) => ({ type: 'complete' as const, id, wireId: id })),
);

/** Clients read a payload of null as none. */
export const modernServerMessage: fc.Arbitrary<ModernServerMessage> = fc.oneof(
  optionalPayload('connection_ack', jsonObject),
  heartbeat(jsonObject),
  fc.tuple(modernId, result).map(([id, payload]) => ({ type: 'next' as const, id, payload })),
  fc.tuple(modernId, errors).map(([id, payload]) => ({ type: 'error' as const, id, payload })),
  modernId.map((id) => ({ type: 'complete' as const, id })),
);

export const legacyClientMessage: fc.Arbitrary<LegacyClientMessage> = fc.oneof(
  optionalPayload('connection_init', jsonObject),
  fc.constant({ type: 'connection_terminate' as const }),
  fc
    .tuple(legacyId, operation(fc.oneof(fc.string(), parsedDocument), fc.string({ minLength: 1 })))
    .map(([wireId, payload]) => ({
      type: 'subscribe' as const,
      id: String(wireId),
      wireId,
      payload,
    })),
  legacyId.map((wireId) => ({ type: 'complete' as const, id: String(wireId), wireId })),
);

/** The legacy wire carries one error only, so the messages have one. */
export const legacyServerMessage: fc.Arbitrary<LegacyServerMessage> = fc.oneof(
  optionalPayload('connection_ack', jsonObject),
  error.map((payload) => ({ type: 'connection_error' as const, payload })),
  fc.constant({ type: 'ka' as const }),
  fc.tuple(legacyId, result).map(([id, payload]) => ({ type: 'next' as const, id, payload })),
  fc
    .tuple(legacyId, error)
    .map(([id, payload]) => ({ type: 'error' as const, id, payload: [payload] })),
  legacyId.map((id) => ({ type: 'complete' as const, id })),
);

/** A result's JSON, as `JSON.stringify` writes it. */
export const resultJson: fc.Arbitrary<string> = result.map((value) => JSON.stringify(value));
