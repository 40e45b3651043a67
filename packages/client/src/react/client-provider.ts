import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react';
import type { Client } from '../index.ts';

const ClientContext = createContext<Client | undefined>(undefined);

/** Gives a client to the hooks below it. Who made the client closes it. */
export function ClientProvider(props: {
  readonly client: Client;
  readonly children?: ReactNode;
}): ReactElement {
  return createElement(ClientContext.Provider, { value: props.client }, props.children);
}

/**
 * The client of the nearest `ClientProvider`.
 *
 * @param client - is taken instead, where it is given
 * @throws Error when there is neither
 */
export function useClient(client?: Client): Client {
  const provided = useContext(ClientContext);
  const used = client ?? provided;
  if (used) return used;
  throw new Error(
    'There is no client: render a ClientProvider above, or name a client in the call',
  );
}
