import { getArgumentValues } from 'graphql';
import { FailedPayload } from '../../subscription/failed-payload.ts';
import { isPromiseLike } from '../../subscription/promise-like.ts';
import { SKIP } from '../../subscription/skip.ts';
import { coerceVariables } from '../graphql-api.ts';
import type { Rendered } from '../notification.ts';
import { isFlat, type Variables, variablesOfRun } from '../variables.ts';
import type { Program } from './compile-program.ts';
import type { CompiledOperation } from './compiled-operation.ts';
import { GivenUp } from './given-up.ts';

type Args = { readonly [name: string]: unknown };

/** What one run of a plan needs. */
interface Ready {
  readonly program: Program;
  readonly args: Args;
}

/** Whether the same {@link Ready} serves all runs, each run makes its own, or graphql does all runs. */
type State = 'new' | 'varying' | 'never' | Ready;

/** The runs of one plan, as far as nothing but `publish` and reading is to be done. */
export class CompiledPlan {
  readonly #operation: CompiledOperation;
  readonly #variables: Variables;
  #state: State = 'new';

  /** @param variables - what the client sent */
  constructor(operation: CompiledOperation, variables: Variables) {
    this.#operation = operation;
    this.#variables = variables;
  }

  /**
   * Calls `publish`, once at most, and writes its result.
   *
   * Never throws or rejects. Synchronous when `publish` is.
   *
   * @param context - for a `publish` that takes it
   */
  run(payload: unknown, context: unknown): Rendered | GivenUp | Promise<Rendered | GivenUp> {
    const ready = this.#ready();
    if (ready === undefined || isFailed(payload)) return GivenUp.BEFORE_PUBLISH;
    const { program } = ready;
    const { definition } = this.#operation.subject;
    if (definition.publish === undefined) return written(program, payload);
    try {
      // Without the fourth, `info`: a `publish` that may receive it is left to graphql.
      const parameters = [payload, this.#argsOfRun(ready.args), context] as const;
      const value: unknown = Reflect.apply(definition.publish, definition, parameters);
      if (!isPromiseLike(value)) return published(program, value);
      return Promise.resolve(value).then((settled) => published(program, settled), failed);
    } catch (error) {
      return failed(error);
    }
  }

  #ready(): Ready | undefined {
    if (typeof this.#state === 'object') return this.#state;
    if (this.#state === 'never') return undefined;
    const ready = this.#prepare();
    if (this.#state === 'new') this.#state = this.#stateAfter(ready);
    return ready;
  }

  #prepare(): Ready | undefined {
    const { operation, schema } = this.#operation.subject;
    try {
      const variables = coerceVariables(schema, operation, variablesOfRun(this.#variables));
      if (variables === undefined) return undefined;
      const program = this.#operation.program(variables);
      if (program === undefined) return undefined;
      return { program, args: getArgumentValues(program.field, program.node, variables) };
    } catch {
      // What is wrong with the arguments is for graphql to say.
      return undefined;
    }
  }

  #stateAfter(ready: Ready | undefined): State {
    if (ready === undefined) return 'never';
    if (!this.#operation.areArgumentsFixed(ready.program)) return 'varying';
    return isFlat(ready.args) || !this.#operation.publishSeesArgs ? ready : 'varying';
  }

  /** What a `publish` does to its arguments must not be there in the next run. */
  #argsOfRun(args: Args): Args {
    if (!this.#operation.publishSeesArgs) return args;
    // As graphql made them: 17 gives them no prototype.
    return Object.getPrototypeOf(args) === null
      ? Object.assign(Object.create(null), args)
      : { ...args };
  }
}

/** Whether there is nothing to publish, or something that can't even be looked at. */
function isFailed(payload: unknown): boolean {
  try {
    return payload instanceof FailedPayload;
  } catch {
    return true;
  }
}

function published(program: Program, value: unknown): Rendered | GivenUp {
  return value === SKIP ? undefined : written(program, value);
}

function written(program: Program, value: unknown): Rendered | GivenUp {
  try {
    return program.write(value);
  } catch {
    return new GivenUp({ value });
  }
}

function failed(error: unknown): GivenUp {
  return new GivenUp({ error });
}
