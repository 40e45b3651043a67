import { createClient } from '@groupcast/client';
import { ClientProvider, useClientStatus, useSubscription } from '@groupcast/client/react';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';

/** A WebSocket that must not be made. */
class ForbiddenWebSocket {
  constructor() {
    throw new Error('A socket was opened');
  }
}

function Room() {
  const { restart, ...state } = useSubscription('subscription { onNumber(room: "red") }', {});
  return createElement('p', null, JSON.stringify({ ...state, client: useClientStatus().name }));
}

test('on the server nothing is subscribed to, and all is idle', () => {
  let asked = 0;
  const client = createClient({
    url: () => {
      asked += 1;
      return 'ws://127.0.0.1:1';
    },
    webSocket: ForbiddenWebSocket as never,
  });

  const html = renderToString(createElement(ClientProvider, { client }, createElement(Room)));

  expect(html.replaceAll('&quot;', '"')).toBe('<p>{"status":"idle","client":"idle"}</p>');
  expect(client.status).toEqual({ name: 'idle' });
  expect(asked).toBe(0);
});

test('hooks without a client say what is missing', () => {
  expect(() => renderToString(createElement(Room))).toThrow('render a ClientProvider above');
});
