import { type GraphQLError, type GraphQLSchema, isSchema, type ValidationRule } from 'graphql';
import type { Emitter } from './broker/mqemitter-broker.ts';
import type { ConnectionHooks } from './connection/connection-hooks.ts';
import type { Middleware } from './delivery/apply-middleware.ts';
import {
  aBoolean,
  aFunction,
  anEmitter,
  aString,
  checkOptions,
  count,
  countOrZero,
  functions,
  milliseconds,
  type OptionCheck,
  positiveMilliseconds,
} from './option-checks.ts';

/** Bounds on what clients can make the server hold. Each has its own error. */
export interface LimitOptions {
  /** The most bytes of one message; over it the connection is closed with 1009. @default 1_048_576 */
  readonly messageBytes?: number;
  /** The most operations at a time; one more gets the error `TOO_MANY_OPERATIONS`. @default 1_000 */
  readonly operationsPerConnection?: number;
  /** The most notifications that wait per subscription. @default 1_024 */
  readonly queueLimit?: number;
  /**
   * The most bytes that wait for one client; over it the connection is closed with 1013.
   *
   * Above half of it subscriptions queue and plain sources pause. A frame that finds nothing
   * waiting goes whatever its size.
   *
   * @default 4_194_304
   */
  readonly bufferedBytes?: number;
  /** The most bytes that wait in the process; over it the largest backlog is closed with 1013. @default 268_435_456 */
  readonly bufferedBytesTotal?: number;
  /** The most parsed documents that are kept; 0 keeps none. @default 1_000 */
  readonly documentCacheEntries?: number;
  /** The most bytes of parsed documents that are kept, estimated at 24 per character. @default 16_777_216 */
  readonly documentCacheBytes?: number;
  /** The most tokens of a document; one of more is a syntax error. @default 10_000 */
  readonly documentTokens?: number;
  /** The most broadcasts that wait for the broker; one more rejects. @default 10_000 */
  readonly pendingBroadcasts?: number;
}

/** How dead clients are found. */
export interface KeepAliveOptions {
  /** Milliseconds between two WebSocket pings. @default 12_000 */
  readonly intervalMs?: number;
  /** Milliseconds a client has to give a sign of life after a ping. @default 5_000 */
  readonly timeoutMs?: number;
  /** Milliseconds between `ka` messages to legacy clients; 0 sends none. @default 0 */
  readonly kaMs?: number;
}

/** The options of the plugin. */
export interface GroupcastOptions extends ConnectionHooks {
  /** The schema, however it was made. It is read, never changed. */
  readonly schema: GraphQLSchema;
  /** Where clients connect. @default '/graphql' */
  readonly path?: string;
  /** What carries broadcasts between processes: any MQEmitter. @default one in memory */
  readonly emitter?: Emitter;
  /** Keeps apps that share an emitter apart. @default 'groupcast' */
  readonly namespace?: string;
  /** Makes a fresh context for each notification from that of the operation: fresh DataLoaders. */
  readonly renewContext?: (context: never) => unknown;
  /** Wrapped around every resolver, `publish` and `subscribe`; the first is the outermost. @default [] */
  readonly middleware?: readonly Middleware[];
  /** Further validation rules, for example on depth or cost. @default [] */
  readonly validationRules?: readonly ValidationRule[];
  /** Hides what is no GraphQLError from clients: true, false (development), or what they see. @default true */
  readonly maskErrors?: boolean | ((error: unknown) => GraphQLError);
  /** Whether a subscription begins with a result whose data is null, once its groups are joined. @default false */
  readonly confirmSubscriptions?: boolean;
  /** Whether the operations of a connection run one at a time, in order. @default false */
  readonly strictOrdering?: boolean;
  /** Whether a modern client's `complete` is answered by one. @default false */
  readonly echoComplete?: boolean;
  /** Milliseconds a client has to send `connection_init`; 0 waits for ever. @default 3_000 */
  readonly connectionInitTimeoutMs?: number;
  /** Queries and mutations that take longer are logged; 0 logs none. @default 1_000 */
  readonly warnOperationMs?: number;
  /** Milliseconds the broker has to take a broadcast. @default 5_000 */
  readonly broadcastTimeoutMs?: number;
  /** Milliseconds over which clients are let go when the server closes. @default 2_000 */
  readonly drainMs?: number;
  /** Milliseconds a client has to answer a close, and the broker to close. @default 5_000 */
  readonly closeTimeoutMs?: number;
  /** How dead clients are found; false looks for none. */
  readonly keepAlive?: KeepAliveOptions | false;
  /**
   * Which pages may connect, by the `Origin` of the upgrade request; clients that send none may.
   *
   * `'same-host'` compares host and port with those of the request (`trustProxy` is honoured).
   *
   * @default 'same-host'
   */
  readonly allowedOrigins?: 'same-host' | '*' | readonly (string | RegExp)[];
  readonly limits?: LimitOptions;
}

/** The options with their defaults filled in. */
export interface ResolvedOptions
  extends Required<Omit<GroupcastOptions, 'keepAlive' | 'limits' | OptionalWithoutDefault>>,
    Pick<GroupcastOptions, OptionalWithoutDefault> {
  readonly keepAlive: Required<KeepAliveOptions> | false;
  readonly limits: Required<LimitOptions>;
}

type OptionalWithoutDefault =
  | 'emitter'
  | 'context'
  | 'renewContext'
  | 'onConnect'
  | 'onOperation'
  | 'onDisconnect';

/** The defaults of {@link LimitOptions}. */
export const limitDefaults: Required<LimitOptions> = {
  messageBytes: 1_048_576,
  operationsPerConnection: 1_000,
  queueLimit: 1_024,
  bufferedBytes: 4_194_304,
  bufferedBytesTotal: 268_435_456,
  documentCacheEntries: 1_000,
  documentCacheBytes: 16_777_216,
  documentTokens: 10_000,
  pendingBroadcasts: 10_000,
};

/** The defaults of {@link KeepAliveOptions}. */
export const keepAliveDefaults: Required<KeepAliveOptions> = {
  intervalMs: 12_000,
  timeoutMs: 5_000,
  kaMs: 0,
};

const optionDefaults = {
  path: '/graphql',
  namespace: 'groupcast',
  middleware: [],
  validationRules: [],
  maskErrors: true,
  confirmSubscriptions: false,
  strictOrdering: false,
  echoComplete: false,
  connectionInitTimeoutMs: 3_000,
  warnOperationMs: 1_000,
  broadcastTimeoutMs: 5_000,
  drainMs: 2_000,
  closeTimeoutMs: 5_000,
  allowedOrigins: 'same-host',
} as const;

const aSchema: OptionCheck = {
  expected: 'a GraphQLSchema (of the same copy of graphql)',
  accepts: (value) => {
    // Throws for a schema of another copy of graphql, which could not be executed here.
    try {
      return isSchema(value);
    } catch {
      return false;
    }
  },
};

const aPath: OptionCheck = {
  expected: 'a path that begins with "/"',
  accepts: (value) => typeof value === 'string' && value.startsWith('/'),
};

const booleanOrFunction: OptionCheck = {
  expected: 'a boolean or a function',
  accepts: (value) => typeof value === 'boolean' || typeof value === 'function',
};

const origins: OptionCheck = {
  expected:
    "'same-host', '*', or an array of origins like 'https://example.org' and regular expressions",
  accepts: (value) =>
    value === 'same-host' ||
    value === '*' ||
    (Array.isArray(value) && value.every((each) => isOrigin(each) || each instanceof RegExp)),
};

/** As browsers send it: a trailing slash or a path would never match. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (value === 'null') return true;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]+$/i;
  return scheme.test(value);
}

const keepAliveChecks = {
  intervalMs: positiveMilliseconds,
  timeoutMs: positiveMilliseconds,
  kaMs: milliseconds,
};

const keepAliveOrFalse: OptionCheck = {
  expected: 'false or an object',
  accepts: (value) => value === false || (typeof value === 'object' && value !== null),
};

const checks = {
  schema: aSchema,
  path: aPath,
  emitter: anEmitter,
  namespace: aString,
  context: aFunction,
  renewContext: aFunction,
  onConnect: aFunction,
  onOperation: aFunction,
  onDisconnect: aFunction,
  middleware: functions,
  validationRules: functions,
  maskErrors: booleanOrFunction,
  confirmSubscriptions: aBoolean,
  strictOrdering: aBoolean,
  echoComplete: aBoolean,
  connectionInitTimeoutMs: milliseconds,
  warnOperationMs: milliseconds,
  broadcastTimeoutMs: positiveMilliseconds,
  drainMs: milliseconds,
  closeTimeoutMs: positiveMilliseconds,
  keepAlive: keepAliveOrFalse,
  allowedOrigins: origins,
  limits: {
    messageBytes: count,
    operationsPerConnection: count,
    queueLimit: count,
    bufferedBytes: count,
    bufferedBytesTotal: count,
    documentCacheEntries: countOrZero,
    documentCacheBytes: countOrZero,
    documentTokens: count,
    pendingBroadcasts: count,
  },
};

/** What Fastify itself puts among the options of every plugin. */
const FASTIFY_KEYS = ['prefix', 'logLevel', 'logSerializers'];

/**
 * Checks the options and fills in the defaults. The caller's object is not changed.
 *
 * @throws OptionUnknownError, OptionInvalidError
 */
export function resolveOptions(options: GroupcastOptions): ResolvedOptions {
  const own = Object.fromEntries(
    Object.entries(options).filter(([name]) => !FASTIFY_KEYS.includes(name)),
  );
  // Absent or undefined, a schema must be missed here.
  checkOptions({ ...own, schema: options.schema ?? null }, checks);
  if (options.keepAlive) checkOptions(options.keepAlive, keepAliveChecks, 'keepAlive.');
  return {
    ...optionDefaults,
    ...given(options),
    keepAlive:
      options.keepAlive === false
        ? false
        : { ...keepAliveDefaults, ...given(options.keepAlive ?? {}) },
    limits: { ...limitDefaults, ...given(options.limits ?? {}) },
  };
}

/** Without the keys whose value is undefined, which would hide a default. */
function given<T extends object>(options: T): T {
  const copy = { ...options };
  for (const key of Object.keys(copy)) {
    if (Reflect.get(copy, key) === undefined) Reflect.deleteProperty(copy, key);
  }
  return copy;
}
