import type { ModernServerCodec } from './codec.ts';
import { isAbsent, isJsonObject, wrongField, wrongType } from './field-checks.ts';
import { parseFrame } from './frame.ts';
import type {
  ClientCompleteMessage,
  ConnectionInitMessage,
  JsonObject,
  ModernClientMessage,
  ModernServerMessage,
  PingMessage,
  PongMessage,
  SubscribeMessage,
} from './messages.ts';
import { encodeNext, nextEnvelope } from './next-frame.ts';
import { type OperationDialect, readOperationPayload } from './operation-payload.ts';
import { LEGACY, MODERN } from './subprotocol.ts';
import { closing, type Violation } from './violation.ts';

const envelope = nextEnvelope('next');

/**
 * The server's end of `graphql-transport-ws`.
 *
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
 */
export const modernServerCodec: ModernServerCodec = {
  subprotocol: MODERN,
  decode: decodeClientFrame,
  encode: encodeServerMessage,
  encodeNext: (id, resultJson) => encodeNext(envelope, id, resultJson),
  nextEnvelope: envelope,
};

function decodeClientFrame(frame: unknown): ModernClientMessage | Violation {
  const message = parseFrame(frame);
  if (typeof message === 'string') return closing(message);
  const { type } = message;
  switch (type) {
    case 'connection_init':
      return readInit(message);
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

function readInit({ payload }: JsonObject): ConnectionInitMessage | Violation {
  if (isAbsent(payload)) return { type: 'connection_init' };
  if (!isJsonObject(payload)) {
    return closing(wrongField('connection_init', 'payload', 'an object', payload));
  }
  return { type: 'connection_init', payload };
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

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function wrongId(type: string, id: unknown): Violation {
  return closing(wrongField(type, 'id', 'a non-empty string', id));
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
      return JSON.stringify({ type: message.type, payload: message.payload });
    default:
      return message satisfies never;
  }
}
