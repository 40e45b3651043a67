import { UpgradeRefusedError } from '@groupcast/testing';
import type { FastifyServerOptions } from 'fastify';
import { expect, test } from 'vitest';
import { type StartOptions, startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

type AllowedOrigins = NonNullable<StartOptions['allowedOrigins']>;

const typeDefs = 'type Query { hello: String }';

describeBoth('the page that connects', (wire) => {
  /** 101, or the status with which the upgrade is refused. */
  async function knock(
    request: { readonly origin?: string; readonly headers?: Record<string, string> },
    options: {
      allowedOrigins?: AllowedOrigins;
      trustProxy?: FastifyServerOptions['trustProxy'];
    } = {},
  ) {
    const { allowedOrigins, trustProxy = false } = options;
    const { connect, log } = await startApp(wire, {
      typeDefs,
      server: { trustProxy },
      ...(allowedOrigins && { allowedOrigins }),
    });
    try {
      const client = await connect({ ...request, init: false });
      await client.fence();
      return { status: 101, log };
    } catch (error) {
      if (!(error instanceof UpgradeRefusedError)) throw error;
      return { status: error.statusCode, log };
    }
  }

  test.each([
    { origin: 'http://example.org', host: 'example.org' },
    { origin: 'https://example.org', host: 'example.org' },
    { origin: 'http://example.org', host: 'example.org:80' },
    { origin: 'https://example.org', host: 'example.org:443' },
    { origin: 'https://example.org:443', host: 'example.org' },
    { origin: 'http://example.org:8080', host: 'example.org:8080' },
    { origin: 'http://example.org', host: 'EXAMPLE.org' },
    { origin: 'http://[::1]:3000', host: '[::1]:3000' },
    { origin: undefined, host: 'example.org' },
  ])('N5 by default $origin may connect to $host', async ({ origin, host }) => {
    const headers = { Host: host };

    const { status } = await knock(origin === undefined ? { headers } : { origin, headers });

    expect(status).toBe(101);
  });

  test.each([
    { origin: 'http://evil.org', host: 'example.org' },
    { origin: 'http://example.org.evil.org', host: 'example.org' },
    { origin: 'http://evil-example.org', host: 'example.org' },
    { origin: 'http://sub.example.org', host: 'example.org' },
    { origin: 'http://example.org:8080', host: 'example.org' },
    { origin: 'http://example.org', host: 'example.org:8080' },
    { origin: 'http://example.org', host: 'example.org:443' },
    { origin: 'https://example.org', host: 'example.org:80' },
    { origin: 'http://example.org@evil.org', host: 'example.org' },
    { origin: 'null', host: 'example.org' },
    { origin: 'file://', host: 'example.org' },
    { origin: 'example.org', host: 'example.org' },
    { origin: '', host: 'example.org' },
  ])(
    'N5 by default $origin may not connect to $host: 403, and the log names the option',
    async ({ origin, host }) => {
      const { status, log } = await knock({ headers: { Host: host, Origin: origin } });

      expect(status).toBe(403);
      expect(log.filter(({ level }) => level === 'warn')).toEqual([
        expect.objectContaining({
          details: { origin, host },
          message: expect.stringContaining('allowedOrigins'),
        }),
      ]);
    },
  );

  test.each<{ allowedOrigins: AllowedOrigins; origin: string; status: number }>([
    { allowedOrigins: '*', origin: 'http://evil.org', status: 101 },
    { allowedOrigins: '*', origin: 'null', status: 101 },
    { allowedOrigins: ['https://a.org'], origin: 'https://a.org', status: 101 },
    { allowedOrigins: ['https://a.org'], origin: 'http://a.org', status: 403 },
    { allowedOrigins: ['https://a.org'], origin: 'https://a.org:8443', status: 403 },
    { allowedOrigins: ['https://a.org'], origin: 'https://a.org.evil.org', status: 403 },
    { allowedOrigins: ['https://a.org'], origin: 'http://localhost', status: 403 },
    { allowedOrigins: ['null'], origin: 'null', status: 101 },
    { allowedOrigins: [], origin: 'http://localhost', status: 403 },
    { allowedOrigins: [/^https:\/\/\w+\.a\.org$/], origin: 'https://x.a.org', status: 101 },
    { allowedOrigins: [/^https:\/\/\w+\.a\.org$/], origin: 'https://x.b.org', status: 403 },
    { allowedOrigins: [/^https:\/\/A\.org$/i], origin: 'https://a.org', status: 101 },
    { allowedOrigins: ['https://b.org', /a\.org$/], origin: 'https://b.org', status: 101 },
  ])(
    'N5 with allowedOrigins: $allowedOrigins the page $origin is answered with $status',
    async ({ allowedOrigins, origin, status }) => {
      expect(await knock({ origin }, { allowedOrigins })).toMatchObject({ status });
    },
  );

  test('N5 with a list, a client that sends no origin may connect', async () => {
    expect(await knock({}, { allowedOrigins: ['https://a.org'] })).toMatchObject({ status: 101 });
  });

  test('N5 a pattern with the flag g answers the same page alike each time', async () => {
    const pattern = /^https:\/\/a\.org/g;
    const { connect } = await startApp(wire, { typeDefs, allowedOrigins: [pattern] });

    for (let times = 0; times < 4; times += 1) {
      await connect({ origin: 'https://a.org', init: false });
    }

    expect(pattern.lastIndex).toBe(0);
  });

  test.each([
    { trustProxy: true, forwarded: 'example.org', status: 101 },
    { trustProxy: true, forwarded: 'example.org:443', status: 101 },
    { trustProxy: true, forwarded: 'other.org', status: 403 },
    { trustProxy: false, forwarded: 'example.org', status: 403 },
    { trustProxy: '127.0.0.1', forwarded: 'example.org', status: 101 },
    { trustProxy: '10.0.0.1', forwarded: 'example.org', status: 403 },
  ])(
    'N5 behind a proxy that says $forwarded, with trustProxy: $trustProxy, the answer is $status',
    async ({ trustProxy, forwarded, status }) => {
      const headers = { Host: 'inner:3000', 'X-Forwarded-Host': forwarded };

      const answer = await knock({ origin: 'https://example.org', headers }, { trustProxy });

      expect(answer).toMatchObject({ status });
    },
  );
});
