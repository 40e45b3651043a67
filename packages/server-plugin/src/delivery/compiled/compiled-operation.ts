import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  Kind,
  type OperationDefinitionNode,
  specifiedScalarTypes,
  type TypeNode,
  visit,
} from 'graphql';
import type { SubscriptionDefinition } from '../../subscription/subscription-definition.ts';
import { mayReceive } from '../function-parameters.ts';
import { type CoercedVariables, coercedValue } from '../graphql-api.ts';
import { Budget } from './budget.ts';
import { compileProgram, type Program } from './compile-program.ts';

/** What is compiled. */
export interface CompiledSubject {
  /** The schema that is executed, without middleware in it. */
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly definition: SubscriptionDefinition;
}

/** `publish(payload, args, context)`: graphql alone can make the fourth. */
const COMPILED_PUBLISH_PARAMETERS = 3;

/** `publish(payload)`. */
const PAYLOAD_ONLY = 1;

/** How many combinations of conditions get a program each. */
const MOST_VARIANTS = 16;

/** The programs of one operation: one for each combination of its `@skip` and `@include`. */
export class CompiledOperation {
  readonly subject: CompiledSubject;
  /** Whether `publish` may receive the arguments of its field. */
  readonly publishSeesArgs: boolean;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #conditions: readonly string[];
  readonly #budget: Budget;
  readonly #variants = new Map<string, Program | undefined>();
  #areVariablesFixed: boolean | undefined;

  constructor(subject: CompiledSubject) {
    const { definition, document } = subject;
    this.subject = subject;
    this.publishSeesArgs =
      definition.publish !== undefined &&
      mayReceive(definition.publish, PAYLOAD_ONLY) !== undefined;
    this.#fragments = new Map(
      document.definitions
        .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
        .map((fragment) => [fragment.name.value, fragment]),
    );
    this.#conditions = conditionVariables(document);
    this.#budget = new Budget(document.loc?.end ?? 0);
  }

  /**
   * Whether the arguments of a program's field are the same in each run.
   *
   * The functions of a custom scalar may give another value each time: those are asked for each run.
   */
  areArgumentsFixed({ field }: Program): boolean {
    this.#areVariablesFixed ??= areVariablesFixed(this.subject);
    return this.#areVariablesFixed && field.args.every(({ type }) => isFixed(getNamedType(type)));
  }

  /** The program for these variables; undefined when graphql must execute the operation. */
  program(variables: CoercedVariables): Program | undefined {
    const values = this.#conditions.map((name) => coercedValue(variables, name));
    const variant = JSON.stringify(values);
    if (!this.#variants.has(variant)) {
      if (this.#variants.size >= MOST_VARIANTS) return undefined;
      this.#variants.set(variant, this.#compile(variables));
    }
    return this.#variants.get(variant);
  }

  #compile(variables: CoercedVariables): Program | undefined {
    const { definition, operation, schema } = this.subject;
    const { publish } = definition;
    if (publish && mayReceive(publish, COMPILED_PUBLISH_PARAMETERS) !== undefined) return undefined;
    // graphql 17 refuses to execute on such a schema.
    if (schema.getDirective('defer') || schema.getDirective('stream')) return undefined;
    try {
      return compileProgram(
        { schema, fragments: this.#fragments, variables, budget: this.#budget },
        operation,
        definition,
      );
    } catch {
      return undefined;
    }
  }
}

/** The variables that decide what is selected. */
function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) {
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return [...names];
}

function areVariablesFixed({ operation, schema }: CompiledSubject): boolean {
  const { variableDefinitions = [] } = operation;
  return variableDefinitions.every(({ type }) => isFixed(schema.getType(nameOf(type))));
}

/** Whether values of this type depend on nothing but the text that they are made of. */
function isFixed(type: unknown): boolean {
  return isEnumType(type) || specifiedScalarTypes.some((specified) => specified === type);
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}
