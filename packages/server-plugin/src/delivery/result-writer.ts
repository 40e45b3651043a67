import { type ExecutionResult, GraphQLError } from 'graphql';
import type { DeliveryLog } from './delivery-log.ts';
import type { ErrorMask } from './mask-errors.ts';

/** Writes results as JSON text, with their errors masked and formatted. */
export class ResultWriter {
  readonly #mask: ErrorMask;
  readonly #log: DeliveryLog;

  constructor(mask: ErrorMask, log: DeliveryLog) {
    this.#mask = mask;
    this.#log = log;
  }

  /** `{"data":…,"errors":…,"extensions":…}`, without the keys that have nothing to say. Never throws. */
  write(result: ExecutionResult, log: DeliveryLog = this.#log): string {
    const { data, errors, extensions } = result;
    try {
      if (data !== undefined && errors === undefined && extensions === undefined) {
        return JSON.stringify({ data });
      }
      const hasExtensions = extensions !== undefined && Object.keys(extensions).length > 0;
      return JSON.stringify({
        ...(data !== undefined && { data }),
        ...(errors && errors.length > 0 && { errors: this.#mask.format(errors, log) }),
        ...(hasExtensions && { extensions }),
      });
    } catch (error) {
      // A scalar's value that JSON can't carry, or a toJSON() that throws.
      return JSON.stringify({ data: null, errors: this.#mask.format([error], log) });
    }
  }

  /** The result of an execution that did not take place. */
  failure(error: unknown): ExecutionResult {
    return {
      errors: [
        error instanceof GraphQLError
          ? error
          : new GraphQLError('The operation could not be executed', {
              path: [],
              originalError: error instanceof Error ? error : new Error(String(error)),
            }),
      ],
    };
  }
}
