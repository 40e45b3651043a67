import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { Delivery, type DeliveryOptions } from '../../src/delivery/delivery.ts';
import { createSource } from '../../src/delivery/graphql-api.ts';
import type { Event, Notification, Rendered, Subscriber } from '../../src/delivery/notification.ts';
import type { Plan } from '../../src/delivery/plan.ts';
import { GroupSource } from '../../src/subscription/group-source.ts';
import { type LogLine, recordingLogger } from './recording-logger.ts';

/** What a subscriber asks for, and who it is. */
export interface Request {
  readonly document: string;
  readonly context?: unknown;
  readonly variables?: { readonly [name: string]: unknown };
}

/** A subscriber that a test ends by hand. */
export interface SceneSubscriber extends Subscriber {
  end(): void;
}

/** A delivery without a server around it. */
export interface DeliveryScene {
  readonly delivery: Delivery;
  readonly log: readonly LogLine[];
  subscriber(request: Request): Promise<SceneSubscriber>;
  /** One event for the cohort of a plan. A function is asked for the payload again on each call. */
  notification(plan: Plan, payload: unknown): Notification;
  /** One event for each of the subscribers, in their cohorts. */
  deliver(
    subscribers: readonly Subscriber[],
    payload: unknown,
  ): readonly (Rendered | Promise<Rendered>)[];
}

/** Sets up a delivery on a schema; documents with equal texts are parsed once, as the server does. */
export function deliveryScene(
  schema: GraphQLSchema,
  options: Partial<DeliveryOptions> = {},
): DeliveryScene {
  const { logger, lines } = recordingLogger();
  const delivery = new Delivery({
    schema,
    middleware: [],
    maskErrors: true,
    log: logger,
    ...options,
  });
  const documents = new Map<string, DocumentNode>();
  const documentOf = (text: string): DocumentNode => {
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    return document;
  };
  const notification = (plan: Plan, payload: unknown): Notification =>
    delivery.notification(eventOf(payload), plan);
  return {
    delivery,
    log: lines,
    notification,
    subscriber: async (request) => {
      const document = documentOf(request.document);
      return createSubscriber(delivery, document, request);
    },
    deliver: (subscribers, payload) => {
      const cohorts = new Map<unknown, Notification>();
      return subscribers.map((subscriber) => {
        const { plan } = subscriber;
        const known = cohorts.get(plan.cohortKey) ?? notification(plan, payload);
        cohorts.set(plan.cohortKey, known);
        return known.resultFor(subscriber);
      });
    },
  };
}

function eventOf(payload: unknown): Event {
  return { payload: () => (typeof payload === 'function' ? payload() : payload) };
}

async function createSubscriber(
  delivery: Delivery,
  document: DocumentNode,
  { document: documentKey, context = {}, variables = {} }: Request,
): Promise<SceneSubscriber> {
  const source = await createSource({
    schema: delivery.schema,
    document,
    rootValue: undefined,
    contextValue: context,
    variableValues: variables,
  });
  if (!(source instanceof GroupSource))
    throw new Error(`no group source: ${JSON.stringify(source)}`);
  const operation = operationOf(document);
  const field = source.field;
  const ending = new AbortController();
  return {
    source,
    plan: delivery.plan({ source, field, documentKey, document, operation, variables }),
    signal: ending.signal,
    get isEnded() {
      return ending.signal.aborted;
    },
    runInContext: (fn) => fn(),
    end: () => ending.abort(),
  };
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const found = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (found?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return found;
}
