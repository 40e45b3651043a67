import { SUBPROTOCOLS } from '@groupcast/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hear, message, startRooms } from './support/start-rooms.ts';

/** Names that mean something to emitters, to objects, to encodings, or to nobody. */
const odd = [
  '#',
  '+',
  '*',
  '/',
  '//',
  'user/+',
  'user/#',
  'user/1',
  '$SYS/#',
  '',
  ' ',
  '\0',
  '\r\n',
  '%2F',
  ':',
  '~',
  'constructor',
  '__proto__',
  'prototype',
  'hasOwnProperty',
  'toString',
  'undefined',
  'null',
  '0',
  'a'.repeat(10_240),
  `${'a'.repeat(10_239)}b`,
  '😀',
  '😀😀',
  'é',
  'e\u0301',
  '\uD83D',
  '\uDE00',
  '\uD800',
  '\uD801',
  '\uFFFD',
];

const name = fc.oneof(
  fc.constantFrom(...odd),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Code units one by one: surrogates without their other half.
  fc
    .array(
      fc.oneof(fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.integer({ max: 0xffff, min: 0 })),
      {
        maxLength: 5,
      },
    )
    .map((units) => String.fromCharCode(...units)),
  fc
    .constantFrom('/', '#', '+', ':', '~', '%')
    .chain((mark) =>
      fc
        .array(fc.constantFrom(mark, 'a', 'onMessage', 'groupcast'), { maxLength: 4 })
        .map((parts) => parts.join('')),
    ),
);

describe.each(SUBPROTOCOLS)('the names of groups (%s)', (protocol) => {
  test('S4 any string is a legal name, and isolated from all others', async () => {
    const { app, connect, onMessage, onNotice } = await startRooms({
      protocol,
      transport: 'memory',
    });
    const client = await connect();
    const operations = await Promise.all(odd.map((each) => hear(client, each)));
    for (const [index, group] of odd.entries()) {
      await app.broadcast(onMessage, { group, payload: { text: `${index}` } });
      await app.broadcast(onNotice, { group, payload: { text: 'on another field' } });
    }
    for (const [index, each] of operations.entries()) {
      await each.expectNext(message(`${index}`));
    }
    await client.expectSilence();
    await app.broadcast(onMessage, { payload: { text: 'all' } });
    for (const each of operations) await each.expectNext(message('all'));
    await client.expectSilence();

    for (const [index, group] of odd.entries()) {
      await app.graphqlWs.unsubscribe(onMessage, { group });
      await operations[index]?.expectComplete();
      expect(app.graphqlWs.stats().operations).toBe(odd.length - index - 1);
    }
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject({ groups: 0, members: 0, emitterListeners: 0 });
  });

  test('S4 whatever names are in use, an event reaches those in its group and nobody else', async () => {
    const { app, connect, onMessage } = await startRooms({ protocol, transport: 'memory' });
    const client = await connect();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 2, maxLength: 6 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
        async (names, picks) => {
          const operations = await Promise.all(names.map((each) => hear(client, each)));
          for (const [index, pick] of picks.entries()) {
            const chosen = pick % names.length;
            const group = names[chosen] ?? '';
            await app.broadcast(onMessage, { group, payload: { text: `${index}` } });
            await operations[chosen]?.expectNext(message(`${index}`));
          }
          await client.expectSilence();
          await app.graphqlWs.unsubscribe(onMessage);
          for (const each of operations) await each.expectComplete();
        },
      ),
      { numRuns: 100 },
    );
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
  });

  test('S3 the names of one subscriber are a set, whatever they are', async () => {
    const { app, connect, onMessage } = await startRooms({ protocol, transport: 'memory' });
    const client = await connect();
    const messages = await hear(client, ...odd, ...odd);
    expect(app.graphqlWs.stats().members).toBe(odd.length + 1);
    for (const group of odd) {
      await app.broadcast(onMessage, { group, payload: { text: 'once' } });
      await messages.expectNext(message('once'));
    }
    await client.expectSilence();
  });
});
