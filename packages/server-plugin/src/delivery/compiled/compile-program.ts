import {
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import { isDefinitionResolver } from '../../subscription/define-subscription.ts';
import type { SubscriptionDefinition } from '../../subscription/subscription-definition.ts';
import { leafSerializer } from '../graphql-api.ts';
import { collectFields, type Selecting } from './collect-fields.ts';
import { notPlain } from './not-plain.ts';
import {
  AbstractWriter,
  type FieldWriter,
  LeafWriter,
  ListWriter,
  ObjectWriter,
  type ValueWriter,
} from './value-writers.ts';

/** A document whose result is made of what its one root field has, by reading only. */
export interface Program {
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  /** The text of the whole result. Throws where graphql must be asked; see {@link ValueWriter}. */
  write(value: unknown): string;
}

/**
 * Makes a program of an operation and its coerced variables.
 *
 * @throws whatever when more than reading is to be done, or when the budget is spent
 */
export function compileProgram(
  selecting: Selecting,
  operation: OperationDefinitionNode,
  definition: SubscriptionDefinition,
): Program {
  const root = selecting.schema.getSubscriptionType() ?? notPlain();
  const [entry, other] = collectFields(selecting, root, [operation.selectionSet]);
  if (entry === undefined || other !== undefined) return notPlain();
  const [name, nodes] = entry;
  const field = root.getFields()[nodes[0].name.value];
  if (field?.resolve === undefined || !isDefinitionResolver(field.resolve, definition)) {
    return notPlain();
  }
  const value = new Compiler(selecting).value(field.type, nodes);
  const head = `{"data":{"${name}":`;
  return {
    field,
    node: nodes[0],
    write: (made) => `${head}${value.write(made)}}}`,
  };
}

class Compiler {
  readonly #selecting: Selecting;

  constructor(selecting: Selecting) {
    this.#selecting = selecting;
  }

  value(type: GraphQLOutputType, nodes: readonly FieldNode[]): ValueWriter {
    return isNonNullType(type)
      ? this.#value(type.ofType, nodes, false)
      : this.#value(type, nodes, true);
  }

  #value(type: GraphQLOutputType, nodes: readonly FieldNode[], isNullable: boolean): ValueWriter {
    if (isListType(type)) return new ListWriter(this.value(type.ofType, nodes), isNullable);
    if (isLeafType(type)) return new LeafWriter(leafSerializer(type), isNullable);
    if (isObjectType(type)) return this.#object(type, nodes, isNullable);
    if (isAbstractType(type)) return this.#abstract(type, nodes, isNullable);
    return notPlain();
  }

  #object(type: GraphQLObjectType, nodes: readonly FieldNode[], isNullable: boolean): ObjectWriter {
    if (type.isTypeOf) return notPlain();
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const fields: FieldWriter[] = [];
    let separator = '{';
    let head = '';
    for (const [name, sameName] of collectFields(this.#selecting, type, selectionSets)) {
      head += `${separator}"${name}":`;
      separator = ',';
      const property = sameName[0].name.value;
      if (property === '__typename') {
        head += `"${type.name}"`;
        continue;
      }
      fields.push({ head, name: property, value: this.#field(type, property, sameName) });
      head = '';
    }
    // Without a field when all are skipped.
    return new ObjectWriter(fields, separator === '{' ? '{}' : `${head}}`, isNullable);
  }

  #field(type: GraphQLObjectType, name: string, nodes: readonly FieldNode[]): ValueWriter {
    const field = type.getFields()[name];
    // Arguments can be wrong in each run; and who has them has a resolver.
    if (field === undefined || field.resolve || field.args.length > 0) return notPlain();
    return this.value(field.type, nodes);
  }

  #abstract(
    type: GraphQLAbstractType,
    nodes: readonly FieldNode[],
    isNullable: boolean,
  ): ValueWriter {
    if (type.resolveType) return notPlain();
    const possible = this.#selecting.schema.getPossibleTypes(type);
    const byName = possible.map(
      (object) => [object.name, this.#object(object, nodes, isNullable)] as const,
    );
    return new AbstractWriter(new Map(byName), isNullable);
  }
}
