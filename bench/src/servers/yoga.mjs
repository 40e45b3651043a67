import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { listen } from './listen.mjs';
import { countSubscribers, createSchema } from './schema.mjs';

/** As its documentation puts it together with graphql-ws. */
export async function start() {
  const pubsub = createPubSub();
  const { subscribers, subscribe } = countSubscribers((_root, { room }) => pubsub.subscribe(room));
  const yoga = createYoga({ schema: createSchema({ subscribe }), logging: false });
  const http = createServer(yoga);
  const sockets = new WebSocketServer({ server: http, path: yoga.graphqlEndpoint });
  useServer(
    {
      execute: (args) => args.rootValue.execute(args),
      subscribe: (args) => args.rootValue.subscribe(args),
      onSubscribe: (context, _id, params) => prepare(yoga, context, params),
    },
    sockets,
  );
  return {
    port: await listen(http),
    publish: (room, message) => pubsub.publish(room, { onMessage: message }),
    subscribers,
  };
}

async function prepare(yoga, context, params) {
  const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
    ...context,
    req: context.extra.request,
    socket: context.extra.socket,
    params,
  });
  const args = {
    schema,
    operationName: params.operationName,
    document: parse(params.query),
    variableValues: params.variables,
    contextValue: await contextFactory(),
    rootValue: { execute, subscribe },
  };
  const errors = validate(args.schema, args.document);
  return errors.length > 0 ? errors : args;
}
