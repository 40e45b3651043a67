import { CloseCode, closeReasons, LEGACY, MODERN } from '@groupcast/protocol';
import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { Connection } from './connection.ts';
import type { ConnectionServices } from './connection-services.ts';
import type { Connections } from './connections.ts';
import type { Dialect } from './dialect.ts';
import { legacyDialect } from './legacy-dialect.ts';
import { modernDialect } from './modern-dialect.ts';

/** What {@link createAcceptor} needs. */
export interface AcceptorOptions {
  readonly services: ConnectionServices;
  readonly connections: Connections;
  readonly echoComplete: boolean;
}

/** Takes a client whose upgrade has just succeeded. Must be called in that same tick. */
export type Acceptor = (socket: WebSocket, request: FastifyRequest) => void;

/** Makes connections of upgraded sockets, each in the dialect of its subprotocol. */
export function createAcceptor({ services, connections, echoComplete }: AcceptorOptions): Acceptor {
  const dialects = new Map<string, Dialect>([
    [MODERN, modernDialect({ echoComplete })],
    [LEGACY, legacyDialect],
  ]);
  const onGone = (connection: Connection): void => connections.remove(connection);
  return (socket, request) => {
    const dialect = dialects.get(socket.protocol);
    if (dialect === undefined) {
      return turnAway(socket, services, {
        code: CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE,
        reason: closeReasons.SUBPROTOCOL_NOT_ACCEPTABLE,
      });
    }
    // Its hooks had begun before the server began to close.
    if (services.operations.isDraining) {
      return turnAway(socket, services, {
        code: CloseCode.SERVICE_RESTART,
        reason: connections.restartReason(),
      });
    }
    const connection = new Connection({
      socket,
      // injectWS() of @fastify/websocket has none.
      stream: request.raw.socket ?? undefined,
      request,
      dialect,
      services,
      slot: connections.takeSlot(),
      onGone,
    });
    connections.add(connection);
  };
}

/** Closes a socket that becomes no connection. */
function turnAway(
  socket: WebSocket,
  { deadlines, settings }: ConnectionServices,
  { code, reason }: { readonly code: number; readonly reason: string },
): void {
  const cancel = deadlines.after(settings.closeTimeoutMs, () => socket.terminate());
  socket.removeAllListeners('error');
  socket.on('error', () => socket.terminate());
  socket.on('close', cancel);
  socket.close(code, reason);
}
