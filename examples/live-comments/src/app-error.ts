import { GraphQLError } from 'graphql';

/** A mistake of a client, with a sentence that it may see: over GraphQL and, by its status, over HTTP. */
export class AppError extends GraphQLError {
  readonly statusCode: number;

  constructor(message: string, statusCode: number) {
    super(message);
    this.statusCode = statusCode;
  }
}
