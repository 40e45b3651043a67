import {
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isDefinitionResolver } from '../subscription/define-subscription.ts';
import type { SubscriptionDefinition } from '../subscription/subscription-definition.ts';
import type { Middleware } from './apply-middleware.ts';
import { mayReceive } from './function-parameters.ts';

/** What was found out about one function that a document can lead to. */
export interface SharingFinding {
  /** The field, type or option that the function belongs to: `Message.author`, `publish`. */
  readonly field: string;
  /** Why it may see who asks; absent when it can't. */
  readonly reason?: string;
}

/** Whether no function that makes the result of a document can see who asks. */
export interface SharingReport {
  readonly isShareable: boolean;
  readonly findings: readonly SharingFinding[];
}

/** What is analysed. */
export interface SharingSubject {
  /** The schema as the app gave it, without middleware around its resolvers. */
  readonly schema: GraphQLSchema;
  readonly middleware: readonly Middleware[];
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly definition: SubscriptionDefinition;
}

/** `publish(payload, args)`, resolvers `(source, args)`. */
const PLAIN_RESOLVER_PARAMETERS = 2;

/** `resolveType(value)`, `isTypeOf(value)`. */
const PLAIN_TYPE_PARAMETERS = 1;

/** Middleware `(resolve, root, args)`. */
const PLAIN_MIDDLEWARE_PARAMETERS = 3;

/** Judges every function that a subscription's document can lead to, whatever its variables are. */
export function analyseSharing(subject: SharingSubject): SharingReport {
  return new Analysis(subject).report();
}

class Analysis {
  readonly #subject: SharingSubject;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #findings = new Map<string, SharingFinding>();
  /** Selections that were walked already, by type: fragments are used many times. */
  readonly #walked = new Map<SelectionSetNode, Set<GraphQLObjectType>>();

  constructor(subject: SharingSubject) {
    this.#subject = subject;
    this.#fragments = new Map(
      subject.document.definitions
        .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
        .map((fragment) => [fragment.name.value, fragment]),
    );
  }

  report(): SharingReport {
    const { definition, middleware, operation, schema } = this.#subject;
    for (const [index, layer] of middleware.entries()) {
      this.#judge(`middleware[${index}]`, layer, PLAIN_MIDDLEWARE_PARAMETERS);
    }
    if (definition.publish !== undefined) {
      this.#judge('publish', definition.publish, PLAIN_RESOLVER_PARAMETERS);
    }
    const root = schema.getSubscriptionType();
    if (root) this.#walk(root, operation.selectionSet);
    const findings = [...this.#findings.values()];
    return { isShareable: findings.every(({ reason }) => reason === undefined), findings };
  }

  #judge(field: string, fn: object, plainParameters: number): void {
    const reason = mayReceive(fn, plainParameters);
    this.#findings.set(field, reason === undefined ? { field } : { field, reason });
  }

  #walk(object: GraphQLObjectType, selectionSet: SelectionSetNode): void {
    const walked = this.#walked.get(selectionSet) ?? new Set();
    if (walked.has(object)) return;
    this.#walked.set(selectionSet, walked.add(object));
    for (const selection of selectionSet.selections) {
      switch (selection.kind) {
        case Kind.FIELD:
          this.#field(object, selection);
          break;
        case Kind.INLINE_FRAGMENT:
          this.#fragment(object, selection);
          break;
        case Kind.FRAGMENT_SPREAD:
          this.#fragment(object, this.#fragments.get(selection.name.value));
          break;
        default:
          selection satisfies never;
      }
    }
  }

  #fragment(
    object: GraphQLObjectType,
    fragment: FragmentDefinitionNode | InlineFragmentNode | undefined,
  ): void {
    if (fragment === undefined) return;
    const name = fragment.typeCondition?.name.value;
    const condition = name === undefined ? object : this.#subject.schema.getType(name);
    const applies =
      condition === object ||
      (isAbstractType(condition) && this.#subject.schema.isSubType(condition, object));
    if (applies) this.#walk(object, fragment.selectionSet);
  }

  #field(object: GraphQLObjectType, { name: { value: name }, selectionSet }: FieldNode): void {
    const field = object.getFields()[name];
    // `__typename` is of no object type, and plain.
    if (field === undefined) return;
    this.#resolver(`${object.name}.${name}`, field);
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return;
    this.#type(type);
    if (selectionSet === undefined) return;
    for (const possible of this.#objectTypes(type)) this.#walk(possible, selectionSet);
  }

  #objectTypes(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isObjectType(type) ? [type] : this.#subject.schema.getPossibleTypes(type);
  }

  #resolver(coordinate: string, { resolve }: GraphQLField<unknown, unknown>): void {
    const isPlain =
      resolve === undefined ||
      resolve === defaultFieldResolver ||
      // That of another definition calls a `publish` that was not judged.
      isDefinitionResolver(resolve, this.#subject.definition);
    if (isPlain) this.#findings.set(coordinate, { field: coordinate });
    else this.#judge(coordinate, resolve, PLAIN_RESOLVER_PARAMETERS);
  }

  /** What decides on the type of a value, for all types that it may turn out to have. */
  #type(type: GraphQLCompositeType): void {
    if (isAbstractType(type) && type.resolveType) {
      this.#judge(`${type.name}.resolveType`, type.resolveType, PLAIN_TYPE_PARAMETERS);
    }
    for (const object of this.#objectTypes(type)) {
      if (object.isTypeOf) {
        this.#judge(`${object.name}.isTypeOf`, object.isTypeOf, PLAIN_TYPE_PARAMETERS);
      }
    }
  }
}
