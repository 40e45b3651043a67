import { type Client, type ClientOptions, createClient } from '@groupcast/client';
import { ClientProvider } from '@groupcast/client/react';
import { act, createElement, type ReactNode, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { expect, onTestFinished, vi } from 'vitest';
import { type StagedServer, startServer } from '../stage/stage.ts';

/** One message that a client has sent. */
export interface SentMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly variables?: unknown };
}

/** A page of a browser with a React tree in it, and the server that its client talks to. */
export interface ReactPage {
  readonly server: StagedServer;
  readonly client: Client;
  readonly root: Root;
  /** All messages that the client has sent. */
  readonly sent: readonly SentMessage[];
  readonly text: string;
  /** Renders below a provider of the client. */
  render(...children: readonly ReactNode[]): void;
  /** Waits until the text is that. */
  shows(text: string): Promise<void>;
}

/** Opens a page for the test that runs; React must not complain of anything while it is open. */
export async function openPage({
  isStrict = false,
  ...options
}: { readonly isStrict?: boolean } & Partial<ClientOptions> = {}): Promise<ReactPage> {
  const server = await startServer();
  const sent: SentMessage[] = [];
  const client = createClient({
    url: server.url,
    webSocket: recordingWebSocket(sent),
    retryDelayMs: () => 10,
    ...options,
  });
  const container = document.body.appendChild(document.createElement('div'));
  // Error boundaries of tests are meant to catch; React would complain of it.
  const root = createRoot(container, { onCaughtError: () => {} });
  const complaints = vi.spyOn(console, 'error');
  onTestFinished(async () => {
    root.unmount();
    container.remove();
    await client.close();
    const said = complaints.mock.calls;
    complaints.mockRestore();
    expect(said).toEqual([]);
  });
  return {
    server,
    client,
    root,
    sent,
    get text() {
      return container.textContent ?? '';
    },
    render(...children) {
      const tree = createElement(ClientProvider, { client }, ...children);
      root.render(isStrict ? createElement(StrictMode, null, tree) : tree);
    },
    shows: (text) =>
      expect.poll(() => container.textContent, { timeout: 5_000, interval: 5 }).toBe(text),
  };
}

/** Does it all in one go, effects too: nothing else runs in between. */
export function doAtOnce(render: () => void): void {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  act(render);
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
}

function recordingWebSocket(sent: SentMessage[]): typeof WebSocket {
  return class extends WebSocket {
    override send(text: string): void {
      sent.push(JSON.parse(text));
      super.send(text);
    }
  };
}
