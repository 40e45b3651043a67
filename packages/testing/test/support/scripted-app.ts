import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '@groupcast/protocol';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

import { type HttpApp, httpApp } from './http-app.ts';

/** A connection as the scripts of a server see it. */
export interface Peer {
  readonly webSocket: WebSocket;
  readonly request: IncomingMessage;
  /** Sends a message as JSON. */
  say(message: object): void;
}

/** What a server does; it does nothing else, not even send an ack. */
export interface Script {
  /** The subprotocol to choose; false for none. @default the first that is offered */
  readonly choose?: string | false;
  readonly autoPong?: boolean;
  onOpen?(peer: Peer): void;
  onMessage?(peer: Peer, message: JsonObject): void;
}

/** A websocket server that follows a script, message by message. */
export function scriptedApp({ choose, autoPong = true, onOpen, onMessage }: Script): HttpApp {
  const app = httpApp();
  const options: ServerOptions = { server: app.server, autoPong };
  if (choose !== undefined) options.handleProtocols = () => choose;
  new WebSocketServer(options).on('connection', (webSocket, request) => {
    const say = (message: object): void => webSocket.send(JSON.stringify(message));
    const peer: Peer = { webSocket, request, say };
    webSocket.on('message', (data) => onMessage?.(peer, JSON.parse(data.toString())));
    onOpen?.(peer);
  });
  return app;
}

/** As `scriptedApp`, where each `connection_init` is answered with an ack. */
export function acknowledgingApp(script: Script): HttpApp {
  return scriptedApp({
    ...script,
    onMessage: (peer, message) => {
      if (message['type'] === 'connection_init') peer.say({ type: 'connection_ack' });
      else script.onMessage?.(peer, message);
    },
  });
}
