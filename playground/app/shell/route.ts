import { useMemo, useSyncExternalStore } from 'react';

/** What the page shows. It is in the address, so that it can be bookmarked and sent to others. */
export type Route =
  | { readonly view: 'chat'; readonly room: string | undefined }
  | { readonly view: 'graphiql' }
  | { readonly view: 'live' };

/** One of the views. */
export type ViewName = Route['view'];

/** Reads the part of an address after `#`; all that is unknown is the chat. */
export function readRoute(hash: string): Route {
  const [, view, room] = hash.split('/');
  if (view === 'graphiql' || view === 'live') return { view };
  return { view: 'chat', room: view === 'chat' && room ? decode(room) : undefined };
}

/** The address of a view. */
export function addressOf(view: ViewName): string {
  return `#/${view}`;
}

/** The address of a room. */
export function addressOfRoom(room: string): string {
  return `#/chat/${encodeURIComponent(room)}`;
}

/** What the address says now; renders again when it changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(onHashChange, () => location.hash);
  return useMemo(() => readRoute(hash), [hash]);
}

function onHashChange(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
