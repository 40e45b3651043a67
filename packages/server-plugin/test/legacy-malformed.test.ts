import { LEGACY } from '@groupcast/protocol';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createParts, typeDefs } from './support/app-parts.ts';
import { startApp } from './support/start-app.ts';
import { describeLegacy, type Wire } from './support/wires.ts';

const world = { data: { hello: 'world' } };

/** A client that was acknowledged, of an app over the small schema. */
async function connected(wire: Wire) {
  const parts = createParts();
  const { app, connect } = await startApp(wire, { typeDefs, resolvers: parts.resolvers });
  return { app, parts, connect, client: await connect() };
}

/** The plain objects of a parsed document, as the old client sends them. */
function sentForm(text: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(parse(text)));
}

describeLegacy('a malformed start', (wire) => {
  test.each([
    { what: 'no payload', payload: undefined, says: 'Field "payload" of "start"' },
    { what: 'a null payload', payload: null, says: 'Field "payload" of "start"' },
    { what: 'a payload of text', payload: '{ hello }', says: 'Field "payload" of "start"' },
    { what: 'a list as payload', payload: [], says: 'Field "payload" of "start"' },
    { what: 'no query', payload: {}, says: 'Field "payload.query" of "start"' },
    { what: 'a query that is a number', payload: { query: 7 }, says: '"payload.query"' },
    {
      what: 'a query that is an object of another kind',
      payload: { query: { kind: 'Field' } },
      says: '"payload.query"',
    },
    {
      what: 'variables of text',
      payload: { query: '{ hello }', variables: 'x' },
      says: '"payload.variables"',
    },
    {
      what: 'an operationName that is a number',
      payload: { query: '{ hello }', operationName: 1 },
      says: '"payload.operationName"',
    },
    {
      what: 'a list as extensions',
      payload: { query: '{ hello }', extensions: [] },
      says: '"payload.extensions"',
    },
  ])(
    'L8 with $what gets an error under its id, and the connection lives',
    async ({ payload, says }) => {
      const { client } = await connected(wire);

      client.send({ id: 'a', type: 'start', payload });

      expect(await client.receive()).toEqual({
        id: 'a',
        type: 'error',
        payload: { message: expect.stringContaining(says) },
      });
      await client.expectSilence();
      expect(await client.query('{ hello }', { id: 'a' })).toEqual(world);
    },
  );

  test('L8 null and empty text where nothing need be given count as not given', async () => {
    const { client } = await connected(wire);
    const nothing = { variables: null, operationName: '', extensions: '' };

    client.send({ id: 'a', type: 'start', payload: { query: '{ hello }', ...nothing } });

    await client.expectMessage({ id: 'a', type: 'data', payload: world });
    await client.expectMessage({ id: 'a', type: 'complete' });
  });

  test('L8 before any init it gets its error too: nothing of it was executed', async () => {
    const { connect } = await connected(wire);
    const client = await connect({ init: false });

    client.send({ id: 'a', type: 'start', payload: null });
    client.send({ type: 'connection_init' });

    expect(await client.receive()).toMatchObject({ id: 'a', type: 'error' });
    await client.expectMessage({ type: 'connection_ack' });
  });
});

describeLegacy('a query in its parsed form', (wire) => {
  test('L8 is executed as its text would be', async () => {
    const { client } = await connected(wire);

    client.send({
      id: '1',
      type: 'start',
      payload: {
        query: sentForm(
          'query Echo($n: Int!) { hello ...Rest } fragment Rest on Query { echo(n: $n) }',
        ),
        variables: { n: 7 },
        operationName: 'Echo',
      },
    });

    await client.expectMessage({
      id: '1',
      type: 'data',
      payload: { data: { hello: 'world', echo: 7 } },
    });
    await client.expectMessage({ id: '1', type: 'complete' });
  });

  test('L8 subscribes as its text would, and onOperation sees the text', async () => {
    const seen: string[] = [];
    const parts = createParts();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: parts.resolvers,
      onOperation: ({ query }) => void seen.push(query),
    });
    const client = await connect();

    client.send({
      id: '1',
      type: 'start',
      payload: {
        query: sentForm('subscription { onMessage { text } }'),
        extensions: { groupcast: { v: 1, confirm: true } },
      },
    });
    expect(await client.receive()).toMatchObject({ payload: { data: null } });
    await app.broadcast(parts.onMessage, { payload: { text: 'hi' } });

    await client.expectMessage({
      id: '1',
      type: 'data',
      payload: { data: { onMessage: { text: 'hi' } } },
    });
    expect(seen).toEqual(['subscription {\n  onMessage {\n    text\n  }\n}']);
  });

  test('L8 L13 is validated: what the schema does not have is refused', async () => {
    const { client } = await connected(wire);

    client.send({ id: '1', type: 'start', payload: { query: sentForm('{ nothing }') } });

    expect(await client.receive()).toMatchObject({
      id: '1',
      type: 'data',
      payload: { errors: [{ message: expect.stringContaining('"nothing"') }] },
    });
    await client.expectMessage({ id: '1', type: 'complete' });
  });

  test.each([
    { what: 'without definitions', query: { kind: 'Document' } },
    { what: 'with no list of definitions', query: { kind: 'Document', definitions: 'x' } },
    { what: 'of an unknown kind', query: { kind: 'Document', definitions: [{ kind: 'Odd' }] } },
    { what: 'of null', query: { kind: 'Document', definitions: [null] } },
    {
      what: 'without a selection set',
      query: {
        kind: 'Document',
        definitions: [{ kind: 'OperationDefinition', operation: 'query' }],
      },
    },
    {
      what: 'with a name that is a number',
      query: {
        kind: 'Document',
        definitions: [
          {
            kind: 'OperationDefinition',
            operation: 'query',
            selectionSet: {
              kind: 'SelectionSet',
              selections: [{ kind: 'Field', name: { kind: 'Name', value: 7 } }],
            },
          },
        ],
      },
    },
  ])(
    'L8 a document $what gets one error under its id, and the connection lives',
    async ({ query }) => {
      const { client } = await connected(wire);

      client.send({ id: '1', type: 'start', payload: { query } });

      expect(await client.receive()).toEqual({
        id: '1',
        type: 'error',
        payload: expect.objectContaining({ message: expect.any(String) }),
      });
      await client.expectSilence();
      expect(await client.query('{ hello }', { id: '1' })).toEqual(world);
    },
  );

  test('L8 a document of many levels gets one answer under its id, and the connection lives', async () => {
    const { client } = await connected(wire);
    const levels = 3_000;
    // As text: JSON.stringify gives up where JSON.parse does not.
    const open = '{"kind":"Field","name":{"kind":"Name","value":"a"},"selectionSet":'.concat(
      '{"kind":"SelectionSet","selections":[',
    );
    client.sendRaw(
      '{"id":"1","type":"start","payload":{"query":{"kind":"Document","definitions":['.concat(
        '{"kind":"OperationDefinition","operation":"query","selectionSet":',
        '{"kind":"SelectionSet","selections":[',
        open.repeat(levels),
        ']}}'.repeat(levels),
        ']}}]}}}',
      ),
    );

    expect(await client.receive()).toMatchObject({ id: '1', type: expect.any(String) });
    expect(await client.query('{ hello }', { id: '2' })).toEqual(world);
  });
});

describeLegacy('what cannot be read', (wire) => {
  test.each([
    { what: 'no JSON', frame: '{"type":' },
    { what: 'an empty text', frame: '' },
    { what: 'a list', frame: '[]' },
    { what: 'null', frame: 'null' },
    { what: 'text', frame: '"start"' },
    { what: 'a number', frame: '7' },
    { what: 'a message without a type', frame: '{"payload":{}}' },
    { what: 'a message whose type is a number', frame: '{"type":7}' },
    { what: 'a binary frame', frame: new TextEncoder().encode('{"type":"connection_init"}') },
    { what: 'a start without an id', frame: '{"type":"start","payload":{"query":"{hello}"}}' },
    { what: 'a start whose id is null', frame: '{"type":"start","id":null,"payload":{}}' },
    { what: 'a start whose id is a list', frame: '{"type":"start","id":["evil"],"payload":{}}' },
    { what: 'a start whose id is true', frame: '{"type":"start","id":true,"payload":{}}' },
    { what: 'a start whose id is infinite', frame: '{"type":"start","id":1e999,"payload":{}}' },
    { what: 'a stop whose id is an object', frame: '{"type":"stop","id":{"evil":1}}' },
    { what: 'a stop without an id', frame: '{"type":"stop"}' },
    { what: 'an unknown type', frame: '{"type":"nonsense"}' },
    { what: 'an unknown type with an unusable id', frame: '{"type":"nonsense","id":["evil"]}' },
    { what: 'a message of servers', frame: '{"type":"data"}' },
    { what: 'a message of the other subprotocol', frame: '{"type":"ping"}' },
  ])(
    'L18 $what gets one connection_error without an id, and the connection lives',
    async ({ frame }) => {
      const { client } = await connected(wire);

      client.sendRaw(frame);

      const answer = await client.receive();
      expect(answer).toEqual({
        type: 'connection_error',
        payload: { message: expect.any(String) },
      });
      expect(JSON.stringify(answer)).not.toContain('evil');
      await client.expectSilence();
      expect(await client.query('{ hello }')).toEqual(world);
    },
  );

  test.each([
    { what: 'no JSON', frame: 'hello' },
    { what: 'a binary frame', frame: new Uint8Array([1, 2, 3]) },
    { what: 'an unknown type', frame: '{"type":"nonsense"}' },
  ])(
    'L18 $what before any init gets connection_error, and the init is still taken',
    async ({ frame }) => {
      const { connect } = await connected(wire);
      const client = await connect({ init: false });

      client.sendRaw(frame);
      client.send({ type: 'connection_init' });

      expect(await client.receive()).toMatchObject({ type: 'connection_error' });
      await client.expectMessage({ type: 'connection_ack' });
      expect(client.protocol).toBe(LEGACY);
    },
  );

  test.each([
    { type: 'nonsense', says: 'nonsense' },
    { type: undefined, says: '"type"' },
    { type: 'data', says: 'Only servers send "data" messages' },
    { type: 'error', says: 'Only servers send "error" messages' },
    { type: 'complete', says: 'Only servers send "complete" messages' },
    { type: 'connection_ack', says: 'Only servers send "connection_ack" messages' },
    { type: 'connection_error', says: 'Only servers send "connection_error" messages' },
    { type: 'subscribe', says: 'graphql-transport-ws' },
    { type: 'next', says: 'graphql-transport-ws' },
  ])(
    'L18 the type $type with a usable id gets an error under it, and the connection lives',
    async ({ type, says }) => {
      const { client } = await connected(wire);

      client.send({ id: 7, type, payload: { query: '{ hello }' } });

      expect(await client.receive()).toEqual({
        id: 7,
        type: 'error',
        payload: { message: expect.stringContaining(says) },
      });
      await client.expectSilence();
      expect(await client.query('{ hello }')).toEqual(world);
    },
  );

  test('L18 a long text in it comes back cut', async () => {
    const { client } = await connected(wire);

    client.sendRaw('я'.repeat(10_000));

    const answer = await client.receive();
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(300);
  });

  test('L18 an operation of another id goes on', async () => {
    const { app, client, parts } = await connected(wire);
    const heard = await client.subscribe('subscription { onMessage { text } }');

    client.sendRaw('{"type":');
    client.send({ id: 'other', type: 'nonsense' });
    expect(await client.receive()).toMatchObject({ type: 'connection_error' });
    expect(await client.receive()).toMatchObject({ type: 'error', id: 'other' });
    await app.broadcast(parts.onMessage, { payload: { text: 'hi' } });

    await heard.expectNext({ onMessage: { text: 'hi' } });
    await client.expectSilence();
  });
});
