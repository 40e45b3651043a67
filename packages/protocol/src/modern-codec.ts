import type { ModernClientCodec, ModernServerCodec } from './codec.ts';
import { isAbsent, isJsonObject, wrongField, wrongType } from './field-checks.ts';
import { readErrors } from './formatted-errors.ts';
import { parseFrame } from './frame.ts';
import type {
  ClientCompleteMessage,
  CompleteMessage,
  ConnectionAckMessage,
  ConnectionInitMessage,
  ErrorMessage,
  JsonObject,
  ModernClientMessage,
  ModernServerMessage,
  NextMessage,
  PingMessage,
  PongMessage,
  SubscribeMessage,
  WireId,
} from './messages.ts';
import { type OperationDialect, readOperationPayload } from './operation-payload.ts';
import { readResultPayload } from './result-payload.ts';
import { LEGACY, MODERN } from './subprotocol.ts';
import { closing, type Violation } from './violation.ts';

/**
 * The server's end of `graphql-transport-ws`.
 *
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
 */
export const modernServerCodec: ModernServerCodec = {
  subprotocol: MODERN,
  decode: decodeClientFrame,
  encode: encodeServerMessage,
  encodeNext: encodeNextFrame,
};

/**
 * The client's end of `graphql-transport-ws`.
 *
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
 */
export const modernClientCodec: ModernClientCodec = {
  subprotocol: MODERN,
  decode: decodeServerFrame,
  encode: encodeClientMessage,
};

function decodeClientFrame(frame: unknown): ModernClientMessage | Violation {
  const message = parseFrame(frame);
  if (typeof message === 'string') return closing(message);
  const { type } = message;
  switch (type) {
    case 'connection_init':
      return readHandshake('connection_init', message);
    case 'ping':
    case 'pong':
      return readHeartbeat(type, message);
    case 'subscribe':
      return readSubscribe(message);
    case 'complete':
      return readClientComplete(message);
    case 'connection_ack':
    case 'next':
    case 'error':
      return closing(`Only servers send "${type}" messages`);
    case 'connection_terminate':
    case 'start':
    case 'stop':
      return closing(
        `"${type}" messages are of subprotocol ${LEGACY}, this connection is ${MODERN}`,
      );
    default:
      return closing(wrongType(type));
  }
}

function decodeServerFrame(frame: unknown): ModernServerMessage | Violation {
  const message = parseFrame(frame);
  if (typeof message === 'string') return closing(message);
  const { type } = message;
  switch (type) {
    case 'connection_ack':
      return readHandshake('connection_ack', message);
    case 'ping':
    case 'pong':
      return readHeartbeat(type, message);
    case 'next':
      return readNext(message);
    case 'error':
      return readError(message);
    case 'complete':
      return readServerComplete(message);
    default:
      return closing(wrongType(type));
  }
}

function readHandshake<Type extends 'connection_init' | 'connection_ack'>(
  type: Type,
  { payload }: JsonObject,
): { readonly type: Type; readonly payload?: JsonObject } | Violation {
  if (isAbsent(payload)) return { type };
  if (!isJsonObject(payload)) return closing(wrongField(type, 'payload', 'an object', payload));
  return { type, payload };
}

function readHeartbeat(
  type: 'ping' | 'pong',
  { payload }: JsonObject,
): PingMessage | PongMessage | Violation {
  if (payload === undefined) return { type };
  if (payload !== null && !isJsonObject(payload)) {
    return closing(wrongField(type, 'payload', 'an object', payload));
  }
  return { type, payload };
}

const dialect: OperationDialect = {
  type: 'subscribe',
  queryForm: 'a string',
  isQuery: (value) => typeof value === 'string',
  isAbsent,
};

function readSubscribe({ id, payload }: JsonObject): SubscribeMessage | Violation {
  if (!isId(id)) return wrongId('subscribe', id);
  const operation = readOperationPayload(payload, dialect);
  if (typeof operation === 'string') return closing(operation);
  return { type: 'subscribe', id, wireId: id, payload: operation };
}

function readClientComplete({ id }: JsonObject): ClientCompleteMessage | Violation {
  return isId(id) ? { type: 'complete', id, wireId: id } : wrongId('complete', id);
}

function readServerComplete({ id }: JsonObject): CompleteMessage | Violation {
  return isId(id) ? { type: 'complete', id } : wrongId('complete', id);
}

function readNext({ id, payload }: JsonObject): NextMessage | Violation {
  if (!isId(id)) return wrongId('next', id);
  const result = readResultPayload('next', payload);
  return typeof result === 'string' ? closing(result) : { type: 'next', id, payload: result };
}

function readError({ id, payload }: JsonObject): ErrorMessage | Violation {
  if (!isId(id)) return wrongId('error', id);
  const errors = readErrors(payload);
  if (errors === undefined) {
    return closing(wrongField('error', 'payload', 'a non-empty array of GraphQL errors', payload));
  }
  return { type: 'error', id, payload: errors };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function wrongId(type: string, id: unknown): Violation {
  return closing(wrongField(type, 'id', 'a non-empty string', id));
}

function encodeClientMessage(message: ModernClientMessage): string {
  switch (message.type) {
    case 'subscribe':
      return JSON.stringify({ id: message.id, type: 'subscribe', payload: message.payload });
    case 'complete':
      return JSON.stringify({ id: message.id, type: 'complete' });
    case 'connection_init':
    case 'ping':
    case 'pong':
      return encodeWithoutId(message);
    default:
      return message satisfies never;
  }
}

function encodeServerMessage(message: ModernServerMessage): string {
  switch (message.type) {
    case 'next':
    case 'error':
      return JSON.stringify({ id: message.id, type: message.type, payload: message.payload });
    case 'complete':
      return JSON.stringify({ id: message.id, type: 'complete' });
    case 'connection_ack':
    case 'ping':
    case 'pong':
      return encodeWithoutId(message);
    default:
      return message satisfies never;
  }
}

function encodeWithoutId({
  type,
  payload,
}: ConnectionInitMessage | ConnectionAckMessage | PingMessage | PongMessage): string {
  return JSON.stringify({ type, payload });
}

function encodeNextFrame(id: WireId, resultJson: string): string {
  return `{"id":${JSON.stringify(id)},"type":"next","payload":${resultJson}}`;
}
