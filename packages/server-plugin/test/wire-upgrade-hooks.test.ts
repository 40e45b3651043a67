import { UpgradeRefusedError } from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeBoth } from './support/wires.ts';

const typeDefs = 'type Query { hello: String }';

describeBoth('hooks of the app before the upgrade', (wire) => {
  const hooks = ['onRequest', 'preValidation', 'preHandler'] as const;

  test.each(hooks)('N5 an answer of %s refuses the upgrade with its status', async (hook) => {
    let connects = 0;
    const { app, connect } = await startApp(wire, {
      typeDefs,
      onConnect: () => {
        connects += 1;
      },
      before: (instance: FastifyInstance) => {
        instance.addHook(hook, async (request, reply) => {
          if (request.headers.authorization === 'yes') return;
          return reply.code(401).header('www-authenticate', 'Bearer').send({ message: 'Who?' });
        });
      },
    });

    const refusal = await connect().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UpgradeRefusedError);
    expect(refusal).toMatchObject({
      statusCode: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: '{"message":"Who?"}',
    });
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, timers: 0 });

    const client = await connect({ headers: { authorization: 'yes' } });
    expect(await client.query('{ hello }')).toEqual({ data: { hello: null } });
    expect(connects).toBe(1);
  });

  test.each(hooks)('N5 an error of %s refuses the upgrade with its status', async (hook) => {
    const { connect } = await startApp(wire, {
      typeDefs,
      before: (instance: FastifyInstance) => {
        instance.addHook(hook, async () => {
          throw Object.assign(new Error('Slow down'), { statusCode: 429 });
        });
      },
    });

    const refusal = await connect().catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(UpgradeRefusedError);
    expect(refusal).toMatchObject({ statusCode: 429, body: expect.stringContaining('Slow down') });
  });

  test.each([...hooks, 'allowedOrigins'] as const)(
    'N5 the line of an upgrade that %s refused is closed, also when the client does not',
    async (refuser) => {
      const { app } = await startApp(wire, {
        typeDefs,
        allowedOrigins: refuser === 'allowedOrigins' ? [] : '*',
        before: (instance: FastifyInstance) => {
          if (refuser === 'allowedOrigins') return;
          instance.addHook(refuser, async (_request, reply) => reply.code(403).send('No'));
        },
      });
      const client = await RawClient.dial(app, wire.transport);

      client.write(
        upgradeRequest({ protocol: wire.protocol, headers: { Origin: 'http://localhost' } }),
      );

      expect(await client.head()).toMatch(/^HTTP\/1\.1 403 /);
      await client.gone();
      await app.close();
    },
  );

  test('N5 what the hooks found out is there for onConnect, which sees the upgrade request', async () => {
    const seen: unknown[] = [];
    const { connect } = await startApp(wire, {
      typeDefs,
      before: (instance: FastifyInstance) => {
        instance.decorateRequest('user', null);
        instance.addHook('onRequest', async (request) => {
          Reflect.set(request, 'user', request.headers.cookie);
        });
      },
      onConnect: (_connection, request) => {
        seen.push(Reflect.get(request, 'user'), request.ip, request.url);
      },
    });

    await connect({ cookies: { user: 'alice' } });

    expect(seen).toEqual(['user=alice', '127.0.0.1', '/graphql']);
  });
});
