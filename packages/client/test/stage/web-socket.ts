import type { WebSocketConstructor } from '../../src/web-socket.ts';

/** The WebSocket of the platform under test: the package `ws` in Node, unless the global one is asked for. */
export const webSocket: WebSocketConstructor = await find();

async function find(): Promise<WebSocketConstructor> {
  const isBrowser = typeof window === 'object';
  if (isBrowser || process.env['GROUPCAST_WEBSOCKET'] === 'global') return findGlobal();
  const { WebSocket } = await import('ws');
  return WebSocket;
}

function findGlobal(): WebSocketConstructor {
  if (typeof globalThis.WebSocket === 'function') return globalThis.WebSocket;
  throw new Error('This platform has no global WebSocket: Node 22 and newer have');
}
