import type { Server } from 'node:http';
import { MODERN } from '@groupcast/protocol';

import { dial } from './dial.ts';
import { Exchange } from './exchange.ts';
import { remember } from './open-exchanges.ts';
import type { ConnectOptions, TestableApp } from './options.ts';
import { assertTicksAreReal, withRealImmediates } from './real-timers.ts';
import { TestConnection } from './test-connection.ts';

/**
 * Connects a client to an app: a real websocket client and the app's real HTTP server, by default
 * with no port between them. A bare HTTP server will do, or an object that holds one.
 *
 * Waits for `app.ready()`, and for the ack unless `init` is false.
 *
 * Rejects with an `UpgradeRefusedError` when the app answers the upgrade with an HTTP response, and
 * with an `AssertionError` that shows the exchange when the connection is not acknowledged.
 */
export async function connect(
  app: TestableApp | Server,
  options: ConnectOptions = {},
): Promise<TestConnection> {
  assertTicksAreReal();
  return withRealImmediates(() => connectNow('server' in app ? app : { server: app }, options));
}

async function connectNow(app: TestableApp, options: ConnectOptions): Promise<TestConnection> {
  await app.ready?.();
  const { graphqlWs } = app;
  const { protocol = MODERN, timeoutMs = 4_000, init = true, strict = true, params } = options;

  const exchange = await dial(
    {
      server: app.server,
      path: options.path ?? graphqlWs?.path ?? '/graphql',
      transport: options.transport ?? 'memory',
      protocols: options.protocols ?? [protocol],
      headers: headersOf(options),
      origin: options.origin,
      ip: options.ip,
      timeoutMs,
    },
    (opened) =>
      new Exchange(opened, {
        fallback: protocol,
        isStrict: strict,
        timeoutMs,
        settled: graphqlWs && (() => graphqlWs.settled()),
      }),
  );
  remember(app.server, exchange);
  if (!init) return new TestConnection(exchange, undefined);

  try {
    return new TestConnection(exchange, await exchange.handshake(params));
  } catch (error) {
    exchange.link.terminate();
    await exchange.link.closed;
    throw error;
  }
}

function headersOf({ headers = {}, cookies = {} }: ConnectOptions): Record<string, string> {
  const pairs = Object.entries(cookies).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  if (pairs.length === 0) return { ...headers };

  const others: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === 'cookie') pairs.unshift(value);
    else others[name] = value;
  }
  return { ...others, Cookie: pairs.join('; ') };
}
