import type { OperationPayload } from '@groupcast/protocol';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import {
  DocumentCache,
  type DocumentCacheLimits,
  type PreparedDocument,
} from './document-cache.ts';
import type { FailureStage } from './operation-client.ts';

/** An operation that is ready to be executed. */
export interface PreparedOperation {
  readonly document: PreparedDocument;
  readonly operation: OperationDefinitionNode;
}

/** An operation that can't be executed. */
export interface PreparationFailure {
  readonly stage: FailureStage;
  readonly errors: readonly GraphQLError[];
}

/** What {@link Preparation} needs. */
export interface PreparationOptions {
  readonly schema: GraphQLSchema;
  readonly validationRules: readonly ValidationRule[];
  readonly documentTokens: number;
  readonly cache: DocumentCacheLimits;
}

/** From a query's text to one valid operation; parsing and validating happen once per text. */
export class Preparation {
  readonly #options: PreparationOptions;
  readonly #rules: readonly ValidationRule[];
  readonly cache: DocumentCache;
  #documents = 0;

  constructor(options: PreparationOptions) {
    this.#options = options;
    this.#rules = [...specifiedRules, ...options.validationRules];
    this.cache = new DocumentCache(options.cache);
  }

  prepare(text: string, operationName: string | undefined): PreparedOperation | PreparationFailure {
    const document = this.cache.get(text) ?? this.#read(text);
    if ('stage' in document) return document;
    return selectOperation(document, operationName);
  }

  #read(text: string): PreparedDocument | PreparationFailure {
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: this.#options.documentTokens });
    } catch (error) {
      return failure('syntax', asClientError(error));
    }
    const operations = document.definitions.filter(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION,
    );
    // The rules would complain about what is there, and not say what is missing.
    if (operations.length === 0) return failure('request', noOperation());
    let errors: readonly GraphQLError[];
    try {
      errors = validate(this.#options.schema, document, this.#rules);
    } catch (error) {
      return failure('validation', asClientError(error));
    }
    if (errors.length > 0) return { stage: 'validation', errors };
    this.#documents += 1;
    const prepared: PreparedDocument = {
      key: String(this.#documents),
      text,
      document,
      operations,
    };
    this.cache.set(text, prepared);
    return prepared;
  }
}

/**
 * The text of a query; a legacy client may have sent it in its parsed form.
 *
 * @throws GraphQLError when the parsed form can't be printed
 */
export function queryText(query: OperationPayload['query']): string {
  if (typeof query === 'string') return query;
  try {
    // Whatever stands in there: `print` throws on what it can't read, or gives no text.
    const text: unknown = print(query as unknown as DocumentNode);
    if (typeof text === 'string') return text;
  } catch {
    // Answered below: where printing failed says nothing to the client.
  }
  throw new GraphQLError('The query is a parsed document that could not be printed');
}

function selectOperation(
  document: PreparedDocument,
  name: string | undefined,
): PreparedOperation | PreparationFailure {
  const { operations } = document;
  if (name === undefined) {
    const [first, second] = operations;
    if (first === undefined) return failure('request', noOperation());
    if (second !== undefined) {
      return failure(
        'request',
        new GraphQLError('The document contains several operations: give an operationName'),
      );
    }
    return { document, operation: first };
  }
  const operation = operations.find((candidate) => candidate.name?.value === name);
  if (operation === undefined) {
    return failure(
      'request',
      new GraphQLError(`The document contains no operation named "${name}"`),
    );
  }
  return { document, operation };
}

function noOperation(): GraphQLError {
  return new GraphQLError('The document contains no operation');
}

function failure(stage: FailureStage, error: GraphQLError): PreparationFailure {
  return { stage, errors: [error] };
}

/**
 * Deep nesting makes the parser and the rules throw a RangeError: the client's mistake. Whatever
 * else is thrown is a fault of a rule, and the caller's to log and mask.
 */
function asClientError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof RangeError) return new GraphQLError('The document is nested too deeply');
  throw error;
}
