import type { IncomingMessage, ServerResponse } from 'node:http';
import websocket from '@fastify/websocket';
import { negotiate, SUBPROTOCOLS } from '@groupcast/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocketServer } from 'ws';
import type { Acceptor } from './connection/accept.ts';
import { type AllowedOrigins, isOriginAllowed } from './connection/allowed-origin.ts';

/** What {@link addWebsocketRoute} needs. */
export interface WebsocketRouteOptions {
  readonly path: string;
  readonly messageBytes: number;
  readonly allowedOrigins: AllowedOrigins;
  readonly accept: Acceptor;
}

/** Adds the route that clients connect to, on the app's @fastify/websocket or on one of our own. */
export async function addWebsocketRoute(
  app: FastifyInstance,
  { path, messageBytes, allowedOrigins, accept }: WebsocketRouteOptions,
): Promise<void> {
  if (!app.hasDecorator('websocketServer')) {
    await app.register(websocket, { options: { maxPayload: messageBytes } });
  } else {
    reportForeignServer(app, messageBytes);
  }
  const upgrades: Upgrades = new WeakMap();
  chooseSubprotocols(app.websocketServer, upgrades);
  app.route({
    method: 'GET',
    url: path,
    // Hooks with callbacks: a promise for each would be a turn of the microtasks for each.
    onRequest: (request, reply, done) => {
      if (!request.ws) return done();
      const { origin } = request.headers;
      if (!isOriginAllowed(allowedOrigins, { origin, host: request.host })) {
        return refuseOrigin(request, reply);
      }
      upgrades.set(request.raw, reply.raw);
      done();
    },
    onResponse: (request, _reply, done) => {
      // An app's hook that answers before those of @fastify/websocket have run leaves the socket of
      // the upgrade to nobody: it would never be read again, and never be closed.
      const isRefusedUpgrade = request.headers.upgrade !== undefined && !request.ws;
      if (isRefusedUpgrade) request.raw.socket.destroy();
      done();
    },
    handler: answerPlainRequest,
    wsHandler: (socket, request) => {
      // The set is for those whom @fastify/websocket closes on shutdown, without a code; we drain.
      app.websocketServer.clients.delete(socket);
      // It was answered. A socket that knows its response keeps all of the request with it.
      if (request.raw.socket) upgrades.get(request.raw)?.detachSocket(request.raw.socket);
      accept(socket, request);
    },
  });
}

/** The requests for our route, and what answers those that are refused. */
type Upgrades = WeakMap<IncomingMessage, ServerResponse>;

/** Chooses the subprotocol for our route only; other routes of the app keep their choice. */
function chooseSubprotocols(server: WebSocketServer, upgrades: Upgrades): void {
  const { handleProtocols } = server.options;
  server.options.handleProtocols = (offered, request) => {
    if (upgrades.has(request)) return negotiate(offered) ?? false;
    if (handleProtocols) return handleProtocols(offered, request);
    const [first = false] = offered;
    return first;
  };
}

/** One `ws` server serves all routes of an app: who registers it first decides on its options. */
function reportForeignServer(app: FastifyInstance, messageBytes: number): void {
  const maxPayload = app.websocketServer.options.maxPayload ?? 0;
  if (maxPayload === messageBytes) return;
  const isStricter = maxPayload > 0 && maxPayload < messageBytes;
  app.log.warn(
    { maxPayload, messageBytes },
    isStricter
      ? 'limits.messageBytes cannot take effect: @fastify/websocket was registered before with a lower maxPayload'
      : 'limits.messageBytes takes effect only after a message was read whole: @fastify/websocket was registered before with a higher maxPayload',
  );
}

function refuseOrigin(request: FastifyRequest, reply: FastifyReply): void {
  request.log.warn(
    { origin: request.headers.origin, host: request.host },
    'Upgrade refused: the origin is not among the option allowedOrigins',
  );
  reply.code(403).send({ statusCode: 403, error: 'Forbidden', message: 'Origin not allowed' });
}

async function answerPlainRequest(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.code(426).headers({ upgrade: 'websocket', connection: 'upgrade' });
  await reply.send({
    statusCode: 426,
    error: 'Upgrade Required',
    message: `Connect by WebSocket, with one of the subprotocols ${SUBPROTOCOLS.join(', ')}`,
  });
}
