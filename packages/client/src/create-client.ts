import type { ResultPayload } from '@groupcast/protocol';
import type { Client } from './client.ts';
import { Dialer } from './dialer.ts';
import type { Document, Rest } from './document.ts';
import { EXTENSION } from './notice.ts';
import { operationPayload } from './operation-payload.ts';
import type { ClientOptions, RequestOptions } from './options.ts';
import { request } from './request.ts';
import { settingsOf } from './settings.ts';
import { createSubscription, dataOf, resultOf } from './streams.ts';
import { SubscriptionOperation } from './subscription-operation.ts';

/**
 * Makes a client for one server. It dials with its first operation, and opens nothing before.
 *
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
 */
export function createClient(options: ClientOptions): Client {
  const settings = settingsOf(options);
  const { print } = settings;
  const dialer = new Dialer(settings);
  const { operations } = dialer;

  const run = async <R, V>(
    accepts: string,
    document: Document<R, V>,
    [variables, requested = {}]: Rest<V, RequestOptions>,
  ): Promise<ResultPayload> => {
    const payload = operationPayload(document, { ...requested, accepts, variables, print });
    return request(operations, payload, settings.queueTimeoutMs, requested.signal);
  };

  return {
    query: async (document, ...rest) => dataOf(await run('query', document, rest)),
    mutate: async (document, ...rest) => dataOf(await run('mutation', document, rest)),
    execute: async (document, ...rest) => resultOf(await run('query or mutation', document, rest)),
    subscribe: (document, ...[variables, requested = {}]) => {
      const payload = operationPayload(document, {
        ...requested,
        extensions: { ...requested.extensions, groupcast: EXTENSION },
        accepts: 'subscription',
        variables,
        print,
      });
      return createSubscription(new SubscriptionOperation(operations, payload, requested));
    },
    get status() {
      return dialer.status;
    },
    on: (_event, listener) => dialer.on(listener),
    reconnect: () => dialer.reconnect(),
    close: () => dialer.close(),
    [Symbol.asyncDispose]: () => dialer.close(),
  };
}
