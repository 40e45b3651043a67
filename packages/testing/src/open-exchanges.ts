import type { Server } from 'node:http';

import type { Exchange } from './exchange.ts';

const open = new WeakMap<Server, Set<Exchange>>();

/** Remembers who talks to a server, until that has closed. */
export function remember(server: Server, exchange: Exchange): void {
  const exchanges = open.get(server) ?? new Set();
  open.set(server, exchanges.add(exchange));
  void exchange.link.closed.then(() => exchanges.delete(exchange));
}

/** Those who were connected to a server by this package and have not closed. */
export function openExchanges(server: Server): Exchange[] {
  return [...(open.get(server) ?? [])];
}
