import type { LegacyServerCodec } from './codec.ts';
import { isAbsent, isJsonObject, wrongField, wrongType } from './field-checks.ts';
import { parseFrame } from './frame.ts';
import { isLegacyId } from './legacy-id.ts';
import type {
  ClientCompleteMessage,
  ConnectionInitMessage,
  JsonObject,
  LegacyClientMessage,
  LegacyServerMessage,
  OperationPayload,
  SubscribeMessage,
} from './messages.ts';
import { encodeNext, nextEnvelope } from './next-frame.ts';
import { type OperationDialect, readOperationPayload } from './operation-payload.ts';
import { LEGACY, MODERN } from './subprotocol.ts';
import { endingOperation, tellingConnection, type Violation } from './violation.ts';

const envelope = nextEnvelope('data');

/**
 * The server's end of `graphql-ws`, as the npm package `subscriptions-transport-ws` speaks it.
 *
 * No violation closes the connection: this subprotocol answers with a message.
 *
 * @see https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md
 */
export const legacyServerCodec: LegacyServerCodec = {
  subprotocol: LEGACY,
  decode: decodeClientFrame,
  encode: encodeServerMessage,
  encodeNext: (id, resultJson) => encodeNext(envelope, id, resultJson),
  nextEnvelope: envelope,
};

function decodeClientFrame(frame: unknown): LegacyClientMessage | Violation {
  const message = parseFrame(frame);
  if (typeof message === 'string') return tellingConnection(message);
  const { type } = message;
  switch (type) {
    case 'connection_init':
      return readInit(message);
    case 'connection_terminate':
      return { type: 'connection_terminate' };
    case 'start':
      return readStart(message);
    case 'stop':
      return readStop(message);
    case 'connection_ack':
    case 'connection_error':
    case 'connection_keep_alive':
    case 'ka':
    case 'data':
    case 'error':
    case 'complete':
      return refuse(message, `Only servers send "${type}" messages`);
    case 'next':
    case 'ping':
    case 'pong':
    case 'subscribe':
      return refuse(
        message,
        `"${type}" messages are of subprotocol ${MODERN}, this connection is ${LEGACY}`,
      );
    default:
      return refuse(message, wrongType(type));
  }
}

/** Answers under the id when it can be echoed; an unusable one is never sent back. */
function refuse({ id }: JsonObject, reason: string): Violation {
  return isLegacyId(id) ? endingOperation(id, reason) : tellingConnection(reason);
}

function readInit({ payload }: JsonObject): ConnectionInitMessage | Violation {
  if (isAbsent(payload)) return { type: 'connection_init' };
  if (!isJsonObject(payload)) {
    return tellingConnection(wrongField('connection_init', 'payload', 'an object', payload));
  }
  return { type: 'connection_init', payload };
}

const dialect: OperationDialect = {
  type: 'start',
  queryForm: 'a string or a parsed document',
  isQuery: (value): value is OperationPayload['query'] =>
    typeof value === 'string' || (isJsonObject(value) && value['kind'] === 'Document'),
  // The old client checks no member that is falsy, so empty strings arrive as well as nulls.
  isAbsent: (value) => isAbsent(value) || value === '',
};

function readStart({ id, payload }: JsonObject): SubscribeMessage | Violation {
  if (!isLegacyId(id)) return tellingConnection(wrongId('start', id));
  const operation = readOperationPayload(payload, dialect);
  if (typeof operation === 'string') return endingOperation(id, operation);
  return { type: 'subscribe', id: String(id), wireId: id, payload: operation };
}

function readStop({ id }: JsonObject): ClientCompleteMessage | Violation {
  if (!isLegacyId(id)) return tellingConnection(wrongId('stop', id));
  return { type: 'complete', id: String(id), wireId: id };
}

function wrongId(type: string, id: unknown): string {
  return wrongField(type, 'id', 'a string or a finite number', id);
}

function encodeServerMessage(message: LegacyServerMessage): string {
  switch (message.type) {
    case 'next':
      return JSON.stringify({ id: message.id, type: 'data', payload: message.payload });
    case 'error':
      return JSON.stringify({ id: message.id, type: 'error', payload: message.payload[0] });
    case 'complete':
      return JSON.stringify({ id: message.id, type: 'complete' });
    case 'connection_ack':
    case 'connection_error':
      return JSON.stringify({ type: message.type, payload: message.payload });
    case 'ka':
      return JSON.stringify({ type: 'ka' });
    default:
      return message satisfies never;
  }
}
