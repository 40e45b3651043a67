import { type Client, createClient } from '@groupcast/client';
import { printDocument } from '@groupcast/client/print';
import { readName } from './own-name.ts';

/** Long enough that one can watch the wait; an app leaves it to the client, which dials sooner at first. */
const SHORTEST_WAIT_MS = 2_000;

/** The one connection of the chat. The name of who sits here goes with each dial. */
export function createChatClient(): Client {
  return createClient({
    url: '/graphql',
    params: () => ({ name: readName() }),
    print: printDocument,
    retryDelayMs: () => SHORTEST_WAIT_MS * (1 + Math.random()),
  });
}
