import createError, { type FastifyErrorConstructor } from '@fastify/error';

/** A wrong option, found while the plugin registers. */
export const OptionInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_OPTION_INVALID'; statusCode: 500 },
  [string, string, unknown]
> = createError(
  'GROUPCAST_ERR_OPTION_INVALID',
  'Cannot register the plugin: option "%s" must be %s, got %s',
  500,
);

/** A payload that can't cross processes; the message names the offender by its path. */
export const PayloadInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_PAYLOAD_INVALID'; statusCode: 500 },
  [string, { cause: unknown }?]
> = createError('GROUPCAST_ERR_PAYLOAD_INVALID', 'Cannot broadcast: %s', 500);

/** A message that came from the broker and is none of ours, or is broken. It is logged and dropped. */
export const MessageUnreadableError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_MESSAGE_UNREADABLE'; statusCode: 500 },
  [string, { cause: unknown }?]
> = createError('GROUPCAST_ERR_MESSAGE_UNREADABLE', 'Cannot read the message: %s', 500);

/** The broker refused, failed or is closed; `cause` says what it answered. */
export const BrokerUnavailableError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE'; statusCode: 503 },
  [string, string, { cause: unknown }?]
> = createError('GROUPCAST_ERR_BROKER_UNAVAILABLE', 'Cannot %s: the broker %s', 503);

/** The broker did not take an event in time. It may still reach subscribers. */
export const BroadcastTimeoutError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT'; statusCode: 503 },
  [number]
> = createError(
  'GROUPCAST_ERR_BROADCAST_TIMEOUT',
  'Cannot broadcast: the broker did not take the event within %d ms; it may still be delivered',
  503,
);

/** So many broadcasts wait for the broker, or to be heard here, that one more is refused. It is not sent. */
export const TooManyBroadcastsError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_TOO_MANY_BROADCASTS'; statusCode: 503 },
  [number, string]
> = createError(
  'GROUPCAST_ERR_TOO_MANY_BROADCASTS',
  'Cannot broadcast: %d broadcasts wait %s already',
  503,
);

/** A broadcast after the server or the broadcaster was closed. It is not sent. */
export const BroadcasterClosedError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_BROADCASTER_CLOSED'; statusCode: 503 },
  []
> = createError('GROUPCAST_ERR_BROADCASTER_CLOSED', 'Cannot broadcast: it is closed', 503);

/** An option of `defineSubscription` is wrong or unknown. */
export const SubscriptionInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_SUBSCRIPTION_INVALID'; statusCode: 500 },
  [string]
> = createError('GROUPCAST_ERR_SUBSCRIPTION_INVALID', 'Cannot define the subscription: %s', 500);

/** A definition sits on the schema in a way that can't be served. Found while the plugin registers. */
export const SubscriptionMisplacedError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_SUBSCRIPTION_MISPLACED'; statusCode: 500 },
  [string, string]
> = createError(
  'GROUPCAST_ERR_SUBSCRIPTION_MISPLACED',
  'Cannot serve the subscription field "%s": %s',
  500,
);

/** `subscribe` of a definition returned something else than names of groups. */
export const GroupNamesInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_GROUP_NAMES_INVALID'; statusCode: 500 },
  [string, string]
> = createError(
  'GROUPCAST_ERR_GROUP_NAMES_INVALID',
  'Cannot subscribe to "%s": its subscribe function returned %s, which is not the name of a group (a string)',
  500,
);

/** Another server than ours executed a group subscription. */
export const GroupSourceIteratedError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_GROUP_SOURCE_ITERATED'; statusCode: 500 },
  [string]
> = createError(
  'GROUPCAST_ERR_GROUP_SOURCE_ITERATED',
  'Cannot iterate the group subscription "%s": only the WebSocket endpoint of @groupcast/fastify delivers it, connect there instead',
  500,
);

/** The document given to `explainSharing` is not a subscription to a field with a definition. */
export const DocumentUnexplainableError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_DOCUMENT_UNEXPLAINABLE'; statusCode: 500 },
  [string]
> = createError('GROUPCAST_ERR_DOCUMENT_UNEXPLAINABLE', 'Cannot explain sharing: %s', 500);

/** A hook of the app returned something that it may not. */
export const HookResultInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_HOOK_RESULT_INVALID'; statusCode: 500 },
  [string, string]
> = createError('GROUPCAST_ERR_HOOK_RESULT_INVALID', 'Hook %s() returned %s', 500);

/** The app closes a connection with a code that it may not send. */
export const CloseCodeInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_CLOSE_CODE_INVALID'; statusCode: 500 },
  [unknown]
> = createError(
  'GROUPCAST_ERR_CLOSE_CODE_INVALID',
  'Cannot close with code %s: it must be 1000, or 3000 to 4999',
  500,
  RangeError,
);

/** An option that does not exist; names the nearest that does. */
export const OptionUnknownError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_OPTION_UNKNOWN'; statusCode: 500 },
  [string, string]
> = createError(
  'GROUPCAST_ERR_OPTION_UNKNOWN',
  'Cannot register the plugin: there is no option "%s", did you mean "%s"?',
  500,
);

/** The plugin is registered where it can't be: twice, or on a path that is taken. */
export const RegistrationError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_REGISTRATION'; statusCode: 500 },
  [string]
> = createError('GROUPCAST_ERR_REGISTRATION', 'Cannot register the plugin: %s', 500);

/** A broadcast, or another call, names a subscription that the schema does not have. */
export const SubscriptionUnknownError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN'; statusCode: 500 },
  [string, string]
> = createError('GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN', 'Cannot %s: %s', 500);

/** The `group` of a call is there and is no string: it must not come to mean everybody. */
export const GroupInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_GROUP_INVALID'; statusCode: 500 },
  [string, string]
> = createError(
  'GROUPCAST_ERR_GROUP_INVALID',
  'Cannot %s: group must be a string, got %s; leave the key out to reach all groups',
  500,
);

/** The tag given to `disconnect` is no string: it must not come to mean nobody, or anybody. */
export const TagInvalidError: FastifyErrorConstructor<
  { code: 'GROUPCAST_ERR_TAG_INVALID'; statusCode: 500 },
  [string]
> = createError(
  'GROUPCAST_ERR_TAG_INVALID',
  'Cannot disconnect: tag must be a string, got a value of type %s',
  500,
);
