import type { Broadcast } from './broadcast.ts';
import type { GraphqlWs } from './graphql-ws.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The GraphQL over WebSocket endpoint of @groupcast/fastify. */
    readonly graphqlWs: GraphqlWs;
    /** Sends an event to the subscribers of a group, in every process. */
    readonly broadcast: Broadcast;
  }
}
