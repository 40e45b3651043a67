import { tracingChannel } from 'node:diagnostics_channel';
import type {
  DocumentNode,
  ExecutionArgs,
  ExecutionResult,
  GraphQLError,
  GraphQLFieldResolver,
  GraphQLLeafType,
  GraphQLSchema,
  GraphQLTypeResolver,
  OperationDefinitionNode,
} from 'graphql';
import * as graphql from 'graphql';

/** What is executed, for whom, and on what. */
export interface ExecutionRequest {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variableValues?: { readonly [name: string]: unknown } | undefined;
  readonly fieldResolver?: GraphQLFieldResolver<unknown, unknown>;
  readonly typeResolver?: GraphQLTypeResolver<unknown, unknown>;
  /** Read only where the executor takes one (graphql 17), so that nothing is made in vain. */
  readonly signal?: () => AbortSignal;
}

/** The errors of a subscription that did not come to be. */
export interface SourceErrors {
  readonly errors: readonly GraphQLError[];
}

/** The exports of graphql 17 that 16 does not have. */
interface Graphql17 {
  readonly validateSubscriptionArgs?: (args: ExecutionArgs) => unknown;
}

const { validateSubscriptionArgs } = graphql as unknown as Graphql17;

/**
 * Executes a query, a mutation, or a subscription's document on one event.
 *
 * Synchronous when all resolvers are. A promise never rejects.
 */
export function executeOperation(
  request: ExecutionRequest,
): ExecutionResult | PromiseLike<ExecutionResult> {
  const result = graphql.execute(argsOf(request));
  // Only graphql 17 rejects: when the signal fires.
  return isPromise(result) ? result.catch(rejectedResult) : result;
}

/** The result of an execution that was given up; nobody waits for it when its signal has fired. */
function rejectedResult(error: unknown): ExecutionResult {
  return { errors: [new graphql.GraphQLError(`The execution was given up: ${String(error)}`)] };
}

function isPromise(
  result: ExecutionResult | PromiseLike<ExecutionResult>,
): result is Promise<ExecutionResult> {
  return result instanceof Promise;
}

/**
 * Calls the `subscribe` function of a subscription's field.
 *
 * @returns what it returned, as the same object; or the errors of the request (they have no path)
 *   or of the function
 */
export async function createSource(
  request: ExecutionRequest,
): Promise<AsyncIterable<unknown> | SourceErrors> {
  const args = argsOf(request);
  const source: unknown =
    validateSubscriptionArgs === undefined
      ? await graphql.createSourceEventStream(args)
      : await createSource17(validateSubscriptionArgs(args));
  if (isAsyncIterable(source)) return source;
  return { errors: errorsOf(source) };
}

/** In graphql 17 arguments are checked in a step of its own, whose outcome is handed on. */
function createSource17(checked: unknown): unknown {
  if (Array.isArray(checked)) return { errors: checked };
  const create = graphql.createSourceEventStream as unknown as (checked: unknown) => unknown;
  return create(checked);
}

/**
 * The variables of an operation, as graphql wants them back: in graphql 17 they are not the values alone.
 *
 * {@link coercedValue} reads one.
 */
export type CoercedVariables = { readonly [name: string]: unknown };

/** Coerces what a client sent; undefined when that is not valid. */
export function coerceVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  values: { readonly [name: string]: unknown },
): CoercedVariables | undefined {
  const outcome: object = graphql.getVariableValues(schema, variableDefinitions, values);
  if ('variableValues' in outcome) return outcome.variableValues as CoercedVariables;
  return 'coerced' in outcome ? (outcome.coerced as CoercedVariables) : undefined;
}

/** The value of a variable; undefined when it has none. */
export function coercedValue(variables: CoercedVariables, name: string): unknown {
  const values = validateSubscriptionArgs === undefined ? variables : variables['coerced'];
  return typeof values === 'object' && values !== null && Object.hasOwn(values, name)
    ? Reflect.get(values, name)
    : undefined;
}

/** What makes the value of a scalar or an enum ready for a result. */
export function leafSerializer(type: GraphQLLeafType): (value: unknown) => unknown {
  return coercesOutput(type)
    ? (value) => type.coerceOutputValue(value)
    : (value) => type.serialize(value);
}

/** Scalars and enums of graphql 17: `serialize` is deprecated there, and not called. */
function coercesOutput(
  type: GraphQLLeafType,
): type is GraphQLLeafType & { coerceOutputValue(value: unknown): unknown } {
  return 'coerceOutputValue' in type;
}

/** Where graphql 17 tells of each execution, whole and field by field. */
const traces =
  validateSubscriptionArgs === undefined
    ? []
    : ['execute', 'execute:variableCoercion', 'execute:rootSelectionSet', 'resolve'].map(
        (name) => tracingChannel(`graphql:${name}`).start,
      );

/** Whether somebody wants to be told of executions: then all must take place in graphql. */
export function isExecutionTraced(): boolean {
  for (const trace of traces) {
    if (trace.hasSubscribers) return true;
  }
  return false;
}

function argsOf(request: ExecutionRequest): ExecutionArgs {
  const args: ExecutionArgs = {
    schema: request.schema,
    document: request.document,
    rootValue: request.rootValue,
    contextValue: request.contextValue,
    operationName: request.operationName ?? null,
    variableValues: request.variableValues ?? null,
    fieldResolver: request.fieldResolver ?? null,
    typeResolver: request.typeResolver ?? null,
  };
  if (validateSubscriptionArgs === undefined || request.signal === undefined) return args;
  return Object.assign(args, { abortSignal: request.signal() });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function errorsOf(result: unknown): readonly GraphQLError[] {
  if (typeof result === 'object' && result !== null && 'errors' in result) {
    if (Array.isArray(result.errors)) return result.errors;
  }
  return [new graphql.GraphQLError('The subscription could not be started')];
}
