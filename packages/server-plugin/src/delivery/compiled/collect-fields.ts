import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { CoercedVariables } from '../graphql-api.ts';
import type { Budget } from './budget.ts';

/** What the fields of a selection depend on, but for the type. */
export interface Selecting {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: CoercedVariables;
  readonly budget: Budget;
}

/**
 * The fields that are selected on an object type, by the names that they have in the result.
 *
 * In the order and with the merging of the specification (CollectFields).
 *
 * @throws GraphQLError when a condition can't be read, whatever when the budget is spent
 */
export function collectFields(
  selecting: Selecting,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]> {
  const collection = new Collection(selecting, type);
  for (const selectionSet of selectionSets) collection.add(selectionSet);
  return collection.fields;
}

class Collection {
  readonly fields = new Map<string, [FieldNode, ...FieldNode[]]>();
  readonly #selecting: Selecting;
  readonly #type: GraphQLObjectType;
  readonly #spread = new Set<string>();

  constructor(selecting: Selecting, type: GraphQLObjectType) {
    this.#selecting = selecting;
    this.#type = type;
  }

  add({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      this.#selecting.budget.spend();
      if (this.#isIncluded(selection)) this.#addIncluded(selection);
    }
  }

  #addIncluded(selection: SelectionNode): void {
    switch (selection.kind) {
      case Kind.FIELD:
        this.#addField(selection);
        break;
      case Kind.INLINE_FRAGMENT:
        if (this.#applies(selection.typeCondition)) this.add(selection.selectionSet);
        break;
      case Kind.FRAGMENT_SPREAD:
        this.#addSpread(selection.name.value);
        break;
      default:
        selection satisfies never;
    }
  }

  #addField(field: FieldNode): void {
    const name = field.alias?.value ?? field.name.value;
    const known = this.fields.get(name);
    if (known === undefined) this.fields.set(name, [field]);
    else known.push(field);
  }

  #addSpread(name: string): void {
    const fragment = this.#selecting.fragments.get(name);
    if (fragment === undefined || this.#spread.has(name)) return;
    this.#spread.add(name);
    if (this.#applies(fragment.typeCondition)) this.add(fragment.selectionSet);
  }

  #isIncluded(selection: SelectionNode): boolean {
    const { variables } = this.#selecting;
    if (selection.directives === undefined || selection.directives.length === 0) return true;
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
    return skip?.['if'] !== true && include?.['if'] !== false;
  }

  #applies(condition: NamedTypeNode | undefined): boolean {
    if (condition === undefined) return true;
    const { schema } = this.#selecting;
    const type = schema.getType(condition.name.value);
    return type === this.#type || (isAbstractType(type) && schema.isSubType(type, this.#type));
  }
}
