import {
  type Client,
  type ClientError,
  type Continuity,
  createClient,
  GraphQLResponseError,
  type JsonObject,
  type RequestOptions,
} from '@groupcast/client';
import type { GraphiQLProps } from 'graphiql';
import { getOperationAST } from 'graphql';

type Fetcher = GraphiQLProps['fetcher'];

/**
 * Runs GraphiQL's operations through our client, all over one socket.
 *
 * What GraphiQL calls headers becomes the payload of `connection_init`: it says who you are. Other
 * headers are another connection.
 */
export class ClientFetcher {
  readonly #name: string;
  #client: Client | undefined;
  #params = '';

  /** @param name - who you are where no header says it: GraphiQL asks for the schema without any */
  constructor(name: string) {
    this.#name = name;
  }

  readonly fetch: Fetcher = (
    { query, operationName, variables },
    { documentAST, headers } = {},
  ) => {
    const client = this.#clientFor(headers);
    const name = operationName ?? undefined;
    const options = name === undefined ? {} : { operationName: name };
    const operation = documentAST && getOperationAST(documentAST, name);
    const isSubscription = operation?.operation === 'subscription';
    const answer = isSubscription
      ? observe(client, query, variables, options)
      : client.execute(query, variables, options);
    // GraphiQL writes results as JSON only; its types ask for the classes of graphql-js in them.
    return answer as ReturnType<Fetcher>;
  };

  async close(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  #clientFor(headers: unknown): Client {
    const params = { name: this.#name, ...Object(headers) };
    const text = JSON.stringify(params);
    if (this.#client === undefined || text !== this.#params) {
      void this.#client?.close();
      this.#params = text;
      this.#client = createClient({ url: '/graphql', params, idleCloseMs: Infinity });
    }
    return this.#client;
  }
}

/** The only form of an observer that GraphiQL uses. */
interface GraphiqlObserver {
  next(result: object): void;
  /** Shows one, or an array of them. */
  error(error: unknown): void;
  complete(): void;
}

/** A subscription in the form of an observable. A gap is shown as a result, until the next event. */
function observe(client: Client, query: string, variables: JsonObject, options: RequestOptions) {
  return {
    subscribe: (observer: GraphiqlObserver): { unsubscribe(): void } => {
      const onContinuity = ({ state, ...gap }: Continuity): void => {
        if (state === 'gap') observer.next({ data: null, extensions: { gap } });
      };
      const subscription = client.subscribe(query, variables, { ...options, onContinuity });
      const error = (failure: ClientError): void =>
        observer.error(failure instanceof GraphQLResponseError ? failure.errors : failure);
      return subscription.results().subscribe({
        next: (result) => observer.next(result),
        error,
        complete: () => observer.complete(),
      });
    },
  };
}
