import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type ConnectOptions,
  connect,
  type TestableApp,
  type TestConnection,
} from '@groupcast/testing';
import express, { type Express } from 'express';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { mercuriusApp } from './support/foreign-apps.ts';
import { graphqlWsApp } from './support/graphql-ws-app.ts';
import { httpApp } from './support/http-app.ts';
import { failureOf } from './support/masked-failure.ts';
import { subscriptionsTransportWsApp } from './support/subscriptions-transport-ws-app.ts';

interface Made {
  readonly app: TestableApp | Server;
  readonly options?: ConnectOptions;
}

/** An app of Express, without the header that changes each second. */
function expressApp(): Express {
  return express().use((_request, response, next) => {
    response.sendDate = false;
    next();
  });
}

const legacy: ConnectOptions = { protocol: 'graphql-ws' };

/** Servers of all kinds, none of which listens, and how they answer upgrades that nobody takes. */
const servers: Record<string, () => Made | Promise<Made>> = {
  'graphql-ws on a bare HTTP server': () => ({ app: graphqlWsApp().server }),
  'graphql-ws beside an Express app': () => ({
    app: graphqlWsApp(createServer(expressApp())).server,
  }),
  'graphql-ws on an HTTPS server': () => ({ app: graphqlWsApp(createHttpsServer()).server }),
  mercurius: async () => ({ app: await mercuriusApp() }),
  'mercurius (graphql-ws)': async () => ({ app: await mercuriusApp(), options: legacy }),
  'subscriptions-transport-ws': () => ({ app: subscriptionsTransportWsApp(), options: legacy }),
};

describe.each(Object.entries(servers))('%s', (_name, make) => {
  test('is talked to without a port', async () => {
    const { app, options } = await make();
    const server = 'server' in app ? app.server : app;
    await using alice = await connect(app, options);

    const countdown = await alice.subscribe('subscription { countdown(from: 2) }');

    await countdown.expectNext({ countdown: 2 });
    await countdown.expectNext({ countdown: 1 });
    await countdown.expectComplete();
    expect(await alice.query('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    await alice.expectSilence();
    expect(server.listening).toBe(false);
  });

  test('fails a wrong expectation with the same sentence', async () => {
    const { app, options } = await make();
    await using alice = await connect(app, options);

    const countdown = await alice.subscribe('subscription { countdown(from: 2) }');
    const failure = await failureOf(countdown.expectNext({ countdown: 1 }));

    expect(failure.split('\n')[0]).toMatchInlineSnapshot(
      `"Expected operation op1 to have the result { data: { countdown: 1 } }, but it received next { data: { countdown: 2 } }"`,
    );
  });
});

test('each server refuses a wrong path in its own way', async () => {
  const refusals: Record<string, string | undefined> = {};
  for (const [name, make] of Object.entries(servers)) {
    const { app, options } = await make();
    const refused = connect(app, { ...options, path: '/elsewhere' });
    refusals[name] = (await failureOf(refused)).split('\n')[0];
  }
  const { server } = httpApp(createServer(expressApp()));
  refusals['an app without websockets'] = await failureOf(connect(server));

  expect(refusals).toMatchInlineSnapshot(`
    {
      "an app without websockets": "The upgrade was refused with 404: <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <title>Error</title>
    </head>
    <body>
    <pre>Cannot GET /graphql</pre>
    </body>
    </html>


    The response was 404 Not Found
      x-powered-by: Express
      content-security-policy: default-src 'none'
      x-content-type-options: nosniff
      content-type: text/html; charset=utf-8
      content-length: 146
      connection: keep-alive
      keep-alive: timeout=5",
      "graphql-ws beside an Express app": "The upgrade was refused with 400: Bad Request",
      "graphql-ws on a bare HTTP server": "The upgrade was refused with 400: Bad Request",
      "graphql-ws on an HTTPS server": "The upgrade was refused with 400: Bad Request",
      "mercurius": "The upgrade was refused with 404: {"message":"Route GET:/elsewhere not found","error":"Not Found","statusCode":404}",
      "mercurius (graphql-ws)": "The upgrade was refused with 404: {"message":"Route GET:/elsewhere not found","error":"Not Found","statusCode":404}",
      "subscriptions-transport-ws": "The upgrade was refused with 400: Bad Request",
    }
  `);
});

test('an HTTPS server sees a client that has come by TLS', async () => {
  const { server } = httpApp(createHttpsServer());
  const encrypted = new Promise((resolve) => {
    new WebSocketServer({ server }).on('connection', (_webSocket, { socket }) =>
      resolve('encrypted' in socket && socket.encrypted),
    );
  });
  const alice: TestConnection = await connect(server, { init: false });

  expect(await encrypted).toBe(true);
  await alice.close();
});
