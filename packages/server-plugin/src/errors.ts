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
