import type { JsonObject } from '@groupcast/protocol';
import type { FastifyRequest } from 'fastify';
import { HookResultInvalidError } from '../errors.ts';
import type { OperationInfo, OperationOverride } from '../operation/operation-info.ts';
import type { ClientConnection, ConnectionStateOfApp } from './client-connection.ts';

/** What `onConnect` may say about a connection that it accepts. */
export interface ConnectResult {
  /** Kept in `connection.state`. */
  readonly state?: ConnectionStateOfApp;
  /** Names by which `app.graphqlWs.disconnect()` finds the connection: a user, a tenant. */
  readonly tags?: readonly string[];
  /** The payload of `connection_ack`. */
  readonly ack?: JsonObject;
  /** When the connection is closed with 4403: a Date, or milliseconds since the epoch. */
  readonly expiresAt?: Date | number;
}

type Awaitable<T> = T | Promise<T>;

/** The app's hooks around connections and their operations. */
export interface ConnectionHooks {
  /** Makes the context of one operation. @default an empty object for each */
  readonly context?: (input: {
    readonly connection: ClientConnection;
    readonly operation: OperationInfo;
  }) => unknown;
  /** Runs before each operation; a throw refuses it. May return the query to execute in its place. */
  readonly onOperation?: (
    operation: OperationInfo,
    connection: ClientConnection,
  ) => Awaitable<OperationOverride | void>;
  /**
   * Decides on a `connection_init`; the only hook that sees the upgrade request.
   *
   * Nothing or true accepts, false refuses with 4403. A throw refuses too; the message of a
   * `GraphQLError` becomes the reason.
   */
  readonly onConnect?: (
    connection: ClientConnection,
    request: FastifyRequest,
  ) => Awaitable<ConnectResult | boolean | void>;
  /** Runs once for each connection that was acknowledged, after its operations have ended. */
  readonly onDisconnect?: (
    connection: ClientConnection,
    code: number,
    reason: string,
  ) => Awaitable<void>;
}

/** A checked answer of `onConnect`. */
export interface Admission {
  /** Undefined: what the hook may have set on the connection stays. */
  readonly state: ConnectionStateOfApp | undefined;
  readonly tags: readonly string[];
  readonly ack: JsonObject | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
}

/**
 * Checks what `onConnect` returned.
 *
 * @returns undefined when it refuses
 * @throws HookResultInvalidError when it has the wrong shape: the app's mistake
 */
export function readConnectResult(result: unknown): Admission | undefined {
  if (result === false) return undefined;
  if (result === undefined || result === null || result === true) return readFields({});
  if (typeof result !== 'object') throw new HookResultInvalidError('onConnect', describe(result));
  return readFields(result);
}

const RESULT_KEYS = ['state', 'tags', 'ack', 'expiresAt'];

function readFields(result: {
  state?: unknown;
  tags?: unknown;
  ack?: unknown;
  expiresAt?: unknown;
}): Admission {
  const unknownKey = Object.keys(result).find((key) => !RESULT_KEYS.includes(key));
  if (unknownKey !== undefined) {
    throw new HookResultInvalidError(
      'onConnect',
      `the unknown key "${unknownKey}"; it may return ${RESULT_KEYS.join(', ')}`,
    );
  }
  const { state, tags = [], ack, expiresAt } = result;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) {
    throw new HookResultInvalidError('onConnect', 'tags that are no array of strings');
  }
  if (ack !== undefined && !isJsonObject(ack)) {
    throw new HookResultInvalidError('onConnect', 'an ack that is no object');
  }
  const time = expiresAt instanceof Date ? expiresAt.getTime() : expiresAt;
  if (time !== undefined && (typeof time !== 'number' || Number.isNaN(time))) {
    throw new HookResultInvalidError('onConnect', 'an expiresAt that is neither Date nor number');
  }
  // The app declares the type of its state and returns it here: nobody else could check it.
  return {
    state: state as ConnectionStateOfApp | undefined,
    tags: [...tags],
    ack,
    expiresAt: time,
  };
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  return `a value of type ${typeof value}`;
}
