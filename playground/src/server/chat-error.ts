import { GraphQLError } from 'graphql';

/**
 * A request of a client that the chat refuses, with a sentence for its author.
 *
 * GraphQL clients see the message because it is a `GraphQLError` (others are masked); for the HTTP
 * routes Fastify takes the status from `statusCode`.
 */
export class ChatError extends GraphQLError {
  readonly statusCode: number;

  constructor(message: string, statusCode: number, { cause }: ErrorOptions = {}) {
    super(message);
    this.statusCode = statusCode;
    this.cause = cause;
  }
}
