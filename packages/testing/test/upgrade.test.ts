import { AssertionError } from 'node:assert';
import type { IncomingMessage } from 'node:http';
import { type ConnectOptions, connect, UpgradeRefusedError } from '@groupcast/testing';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { httpApp } from './support/http-app.ts';
import { failureOf } from './support/masked-failure.ts';
import { acknowledgingApp, scriptedApp } from './support/scripted-app.ts';
import { describeTransports } from './support/transports.ts';

/** Connects and gives the upgrade request as the server saw it. */
async function requestOf(options: ConnectOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const app = scriptedApp({ onOpen: ({ request }) => resolve(request) });
    connect(app, { init: false, ...options }).catch(reject);
  });
}

test('the path is /graphql unless the app or the caller says another', async () => {
  const app = scriptedApp({});
  const paths: (string | undefined)[] = [];
  app.server.on('upgrade', ({ url }) => paths.push(url));
  const graphqlWs = { path: '/live', settled: async () => {} };

  await connect(app, { init: false });
  await connect({ server: app.server, graphqlWs }, { init: false });
  await connect({ server: app.server, graphqlWs }, { init: false, path: '/other?a=1' });

  expect(paths).toEqual(['/graphql', '/live', '/other?a=1']);
});

test('headers, cookies and origin reach the server', async () => {
  const { headers } = await requestOf({
    headers: { 'X-Tenant': 'a', cookie: 'theme=dark' },
    cookies: { session: 'a b;c', id: '1' },
    origin: 'https://example.org',
  });

  expect(headers).toMatchObject({
    'x-tenant': 'a',
    cookie: 'theme=dark; session=a%20b%3Bc; id=1',
    origin: 'https://example.org',
    host: 'localhost',
  });
});

test('ip is the address that the server sees', async () => {
  const { socket: v4 } = await requestOf({ ip: '203.0.113.9' });
  const { socket: v6 } = await requestOf({ ip: '2001:db8::1' });
  const { socket: local } = await requestOf({});

  expect([v4.remoteAddress, v4.remoteFamily]).toEqual(['203.0.113.9', 'IPv4']);
  expect([v6.remoteAddress, v6.remoteFamily]).toEqual(['2001:db8::1', 'IPv6']);
  expect(local.remoteAddress).toBe('127.0.0.1');
});

test('ready() of the app is awaited before anything is sent', async () => {
  const order: string[] = [];
  const { server } = acknowledgingApp({ onOpen: () => order.push('connected') });
  const ready = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push('ready');
  };

  await using _ = await connect({ server, ready });

  expect(order).toEqual(['ready', 'connected']);
});

test('a socket needs a server that listens', async () => {
  const connecting = connect(httpApp(), { transport: 'socket' });

  await expect(connecting).rejects.toThrow('the app does not listen yet');
});

test('a server that does not answer the upgrade fails the connection in time', async () => {
  const app = httpApp();
  app.server.on('upgrade', () => {});

  await expect(connect(app, { timeoutMs: 10 })).rejects.toThrow(
    'The server did not answer the upgrade of /graphql within 10 ms',
  );
});

test('a server that drops the socket fails the connection at once', async () => {
  const app = httpApp();
  app.server.on('upgrade', (_request, socket) => socket.destroy());

  await expect(connect(app)).rejects.toMatchObject({
    message: 'Cannot connect to /graphql: socket hang up',
    code: 'ERR_ASSERTION',
    cause: { code: 'ECONNRESET' },
  });
});

describeTransports('the answer to the upgrade', (connectTo) => {
  test('a refused upgrade rejects with status, headers and body', async () => {
    const app = httpApp();
    app.server.on('upgrade', (_request, socket) => {
      socket.end(
        'HTTP/1.1 403 Forbidden\r\nX-Why: origin\r\nConnection: close\r\nContent-Length: 9\r\n\r\nNot yours',
      );
    });

    const error = await connectTo(app).catch((reason: unknown) => reason);

    const response = {
      statusCode: 403,
      headers: { 'x-why': 'origin', connection: 'close', 'content-length': '9' },
      body: 'Not yours',
    };
    expect(error).toBeInstanceOf(UpgradeRefusedError);
    expect(error).toBeInstanceOf(AssertionError);
    expect(error).toMatchObject({
      ...response,
      name: 'UpgradeRefusedError',
      actual: response,
      expected: { statusCode: 101 },
    });
    expect(await failureOf(Promise.reject(error))).toMatchInlineSnapshot(`
      "The upgrade was refused with 403: Not yours

      The response was 403 Forbidden
        x-why: origin
        connection: close
        content-length: 9"
    `);
  });

  test('a server that knows no websockets refuses with its HTTP response', async () => {
    const app = httpApp();
    app.server.on('request', (_request, response) => {
      response.statusCode = 404;
      response.end('nothing here');
    });

    await expect(connectTo(app)).rejects.toMatchObject({ statusCode: 404, body: 'nothing here' });
  });

  test('a refusal by the websocket server is told as well', async () => {
    const app = httpApp();
    new WebSocketServer({ server: app.server, verifyClient: () => false });

    await expect(connectTo(app)).rejects.toMatchObject({ statusCode: 401, body: 'Unauthorized' });
  });

  test('what is offered may differ from what is spoken', async () => {
    const app = acknowledgingApp({ choose: 'graphql-ws' });

    await using alice = await connectTo(app, { protocols: ['unknown', 'graphql-ws'] });

    expect(alice.protocol).toBe('graphql-ws');
    alice.start('{ a }');
    expect(alice.transcript()).toContain('→ start op1');
  });

  test('a server that chooses no subprotocol can still say why it closes', async () => {
    const app = scriptedApp({
      choose: false,
      onOpen: ({ webSocket }) => webSocket.close(4406, 'Subprotocol not acceptable'),
    });

    for (const protocols of [['unknown'], []]) {
      const alice = await connectTo(app, { protocols, init: false });
      expect(alice.protocol).toBe('');
      await alice.expectClose(4406, 'Subprotocol not acceptable');
    }
  });

  test('a server that chooses what was not offered fails the connection', async () => {
    const app = scriptedApp({ choose: 'graphql-ws' });

    await expect(connectTo(app)).rejects.toThrow(
      'The server chose the subprotocol "graphql-ws", which was not offered (graphql-transport-ws)',
    );
  });

  test('messages that come in one piece with the upgrade are not lost', async () => {
    const app = scriptedApp({
      onOpen: ({ say }) => {
        say({ type: 'ping' });
        say({ type: 'complete', id: '1' });
      },
    });

    await using alice = await connectTo(app, { init: false, strict: false });

    await alice.expectMessage({ type: 'ping' });
    await alice.expectMessage({ type: 'complete', id: '1' });
  });
});
