import { inspect } from 'node:util';
import { mockServer } from '@groupcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { ClientError, createClient, GraphQLResponseError } from '../src/index.ts';

async function oneClient() {
  const server = await mockServer();
  const client = createClient({ url: server.url, webSocket: server.WebSocket });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { client, server };
}

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['an object that says nothing of its kind', {}],
  ['a list', ['{ a }']],
])('what is no document is not sent: %s', async (_name, document) => {
  const { client, server } = await oneClient();
  // As from JavaScript.
  const documents: { given: string } = Object({ given: document });

  await expect(client.query(documents.given)).rejects.toMatchObject({ code: 'DOCUMENT_INVALID' });
  expect(() => client.subscribe(documents.given)).toThrow(ClientError);

  await server.expectNone();
});

test('an error that nothing has caused shows no cause', () => {
  const errors = [
    new ClientError('CLIENT_CLOSED', 'The client was closed'),
    new GraphQLResponseError({ errors: [{ message: 'no' }] }),
  ];

  for (const error of errors) expect(inspect(error)).not.toContain('cause');
  expect(inspect(new ClientError('ABORTED', 'no', { cause: 'enough' }))).toContain('enough');
});
