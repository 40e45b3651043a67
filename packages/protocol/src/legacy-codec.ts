import type { LegacyClientCodec, LegacyServerCodec } from './codec.ts';
import { isAbsent, isJsonObject, wrongField, wrongType } from './field-checks.ts';
import { readError, readErrors } from './formatted-errors.ts';
import { parseFrame } from './frame.ts';
import type {
  ClientCompleteMessage,
  CompleteMessage,
  ConnectionAckMessage,
  ConnectionErrorMessage,
  ConnectionInitMessage,
  ErrorMessage,
  FormattedError,
  JsonObject,
  LegacyClientMessage,
  LegacyServerMessage,
  NextMessage,
  OperationPayload,
  SubscribeMessage,
  WireId,
} from './messages.ts';
import { type OperationDialect, readOperationPayload } from './operation-payload.ts';
import { readResultPayload } from './result-payload.ts';
import { LEGACY, MODERN } from './subprotocol.ts';
import { closing, endingOperation, tellingConnection, type Violation } from './violation.ts';

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
  encodeNext: encodeDataFrame,
};

/**
 * The client's end of `graphql-ws`, as the npm package `subscriptions-transport-ws` speaks it.
 *
 * @see https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md
 */
export const legacyClientCodec: LegacyClientCodec = {
  subprotocol: LEGACY,
  decode: decodeServerFrame,
  encode: encodeClientMessage,
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

function decodeServerFrame(frame: unknown): LegacyServerMessage | Violation {
  const message = parseFrame(frame);
  if (typeof message === 'string') return closing(message);
  const { type } = message;
  switch (type) {
    case 'connection_ack':
      return readAck(message);
    case 'connection_error':
      return readConnectionError(message);
    case 'connection_keep_alive':
    case 'ka':
      return { type: 'ka' };
    case 'data':
      return readData(message);
    case 'error':
      return readOperationError(message);
    case 'complete':
      return readComplete(message);
    default:
      return closing(wrongType(type));
  }
}

/** Answers under the id when it can be echoed; an unusable one is never sent back. */
function refuse({ id }: JsonObject, reason: string): Violation {
  return isId(id) ? endingOperation(id, reason) : tellingConnection(reason);
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
  if (!isId(id)) return tellingConnection(wrongId('start', id));
  const operation = readOperationPayload(payload, dialect);
  if (typeof operation === 'string') return endingOperation(id, operation);
  return { type: 'subscribe', id: String(id), wireId: id, payload: operation };
}

function readStop({ id }: JsonObject): ClientCompleteMessage | Violation {
  if (!isId(id)) return tellingConnection(wrongId('stop', id));
  return { type: 'complete', id: String(id), wireId: id };
}

function readAck({ payload }: JsonObject): ConnectionAckMessage | Violation {
  if (isAbsent(payload)) return { type: 'connection_ack' };
  if (!isJsonObject(payload)) {
    return closing(wrongField('connection_ack', 'payload', 'an object', payload));
  }
  return { type: 'connection_ack', payload };
}

function readConnectionError({ payload }: JsonObject): ConnectionErrorMessage | Violation {
  const error = readError(payload);
  if (error === undefined) {
    return closing(wrongField('connection_error', 'payload', 'an object with a message', payload));
  }
  return { type: 'connection_error', payload: error };
}

function readData({ id, payload }: JsonObject): NextMessage | Violation {
  if (!isId(id)) return closing(wrongId('data', id));
  const result = readResultPayload('data', payload);
  return typeof result === 'string' ? closing(result) : { type: 'next', id, payload: result };
}

function readOperationError({ id, payload }: JsonObject): ErrorMessage | Violation {
  if (!isId(id)) return closing(wrongId('error', id));
  const errors = readErrorForms(payload);
  if (errors === undefined) {
    return closing(wrongField('error', 'payload', 'an object with a message', payload));
  }
  return { type: 'error', id, payload: errors };
}

/** One error by the book; a list of them, or `{ errors }`, from servers in the wild. */
function readErrorForms(payload: unknown): readonly FormattedError[] | undefined {
  const listed = readErrors(isJsonObject(payload) ? payload['errors'] : payload);
  if (listed !== undefined) return listed;
  const single = readError(payload);
  return single && [single];
}

function readComplete({ id }: JsonObject): CompleteMessage | Violation {
  return isId(id) ? { type: 'complete', id } : closing(wrongId('complete', id));
}

/** JSON has numbers that are infinite once read (1e999): they could not be echoed. */
function isId(value: unknown): value is WireId {
  return typeof value === 'string' || Number.isFinite(value);
}

function wrongId(type: string, id: unknown): string {
  return wrongField(type, 'id', 'a string or a finite number', id);
}

function encodeClientMessage(message: LegacyClientMessage): string {
  switch (message.type) {
    case 'subscribe':
      return JSON.stringify({ id: message.wireId, type: 'start', payload: message.payload });
    case 'complete':
      return JSON.stringify({ id: message.wireId, type: 'stop' });
    case 'connection_init':
      return JSON.stringify({ type: 'connection_init', payload: message.payload });
    case 'connection_terminate':
      return JSON.stringify({ type: 'connection_terminate' });
    default:
      return message satisfies never;
  }
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

function encodeDataFrame(id: WireId, resultJson: string): string {
  return `{"id":${JSON.stringify(id)},"type":"data","payload":${resultJson}}`;
}
