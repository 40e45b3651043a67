import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  type SelectionSetNode,
  validate,
} from 'graphql';
import { DocumentUnexplainableError } from '../errors.ts';
import { findSubscriptions } from '../subscription/find-subscriptions.ts';
import type { SubscriptionDefinition } from '../subscription/subscription-definition.ts';
import type { SharingFinding, SharingReport } from './analyse-sharing.ts';
import type { Trust } from './trust.ts';

/** Whether the subscribers of a document share results, and why not. */
export interface SharingExplanation {
  /** `proven`: nothing that makes the result can see who asks. `said`: `shareBy` decides. */
  readonly shared: 'proven' | 'said' | 'never';
  /** The subscription field. */
  readonly field: string;
  /** In one sentence. */
  readonly why: string;
  /** Every function that the document can lead to, with the reason of those that stand in the way. */
  readonly findings: readonly SharingFinding[];
}

/** What {@link explainSharing} needs. */
export interface ExplanationRequest {
  readonly schema: GraphQLSchema;
  readonly text: string;
  readonly operationName: string | undefined;
  readonly trust: Trust;
  analyse(subject: {
    readonly document: DocumentNode;
    readonly operation: OperationDefinitionNode;
    readonly definition: SubscriptionDefinition;
  }): SharingReport;
}

/** Explains a document; see `Delivery.explainSharing`. */
export function explainSharing(request: ExplanationRequest): SharingExplanation {
  const { schema, text, operationName, trust } = request;
  const document = read(text, schema);
  const operation = selectSubscription(document, operationName);
  const field = rootField(document, operation.selectionSet);
  const definition = findSubscriptions(schema).get(field);
  if (definition === undefined) {
    throw new DocumentUnexplainableError(`the field "${field}" is no group subscription`);
  }
  const findings = request.analyse({ document, operation, definition }).findings.map((finding) => {
    const reason = finding.reason ?? trust.reasonAgainst(field, finding.field);
    return reason === undefined ? finding : { field: finding.field, reason };
  });
  return { field, findings, ...verdict(definition, findings) };
}

function verdict(
  definition: SubscriptionDefinition,
  findings: readonly SharingFinding[],
): Pick<SharingExplanation, 'shared' | 'why'> {
  if (!definition.share) return { shared: 'never', why: 'the definition says share: false' };
  if (definition.shareBy !== undefined) {
    return { shared: 'said', why: 'subscribers with the same key of shareBy share' };
  }
  const obstacle = findings.find(({ reason }) => reason !== undefined);
  if (obstacle === undefined) {
    return { shared: 'proven', why: 'no function of it can see who asks' };
  }
  return { shared: 'never', why: `${obstacle.field} ${obstacle.reason}` };
}

function read(text: string, schema: GraphQLSchema): DocumentNode {
  try {
    const document = parse(text);
    const [error] = validate(schema, document);
    if (error !== undefined) throw error;
    return document;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DocumentUnexplainableError(message);
  }
}

function selectSubscription(
  document: DocumentNode,
  name: string | undefined,
): OperationDefinitionNode {
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [operation, other] =
    name === undefined ? operations : operations.filter((each) => each.name?.value === name);
  if (operation === undefined || other !== undefined) {
    throw new DocumentUnexplainableError('it must name one operation of the document');
  }
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    throw new DocumentUnexplainableError(`the operation is a ${operation.operation}`);
  }
  return operation;
}

/** Validation has seen to it that there is exactly one, maybe in a fragment. */
function rootField(document: DocumentNode, { selections }: SelectionSetNode): string {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection.name.value;
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootField(document, selection.selectionSet);
    const fragment = document.definitions.find(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION &&
        definition.name.value === selection.name.value,
    );
    if (fragment?.kind === Kind.FRAGMENT_DEFINITION) {
      return rootField(document, fragment.selectionSet);
    }
  }
  throw new DocumentUnexplainableError('it selects no field');
}
