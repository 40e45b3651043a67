/**
 * The life of a connection.
 *
 * awaiting-init → initialising → ready → closing → closed; every state may skip to closing (a
 * close was decided here) or to closed (the socket is gone).
 */
export type ConnectionState =
  | { readonly name: 'awaiting-init' }
  | { readonly name: 'initialising' }
  | { readonly name: 'ready' }
  | { readonly name: 'closing'; readonly code: number; readonly reason: string }
  | { readonly name: 'closed'; readonly code: number; readonly reason: string };

const ORDER = ['awaiting-init', 'initialising', 'ready', 'closing', 'closed'] as const;

/**
 * Moves a connection on; a life never goes back.
 *
 * @throws Error on an illegal move: a fault of this package
 */
export function moved(from: ConnectionState, to: ConnectionState): ConnectionState {
  if (ORDER.indexOf(to.name) <= ORDER.indexOf(from.name)) {
    throw new Error(`A connection cannot become "${to.name}" after "${from.name}"`);
  }
  return to;
}
