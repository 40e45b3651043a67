import { expect, test } from 'vitest';
import { hear, message, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

/** What publish should see of {@link sent}. */
const received = {
  date: new Date('2024-02-29T12:00:00.000Z'),
  big: 12_345_678_901_234_567_890n,
  map: new Map<unknown, unknown>([
    ['a', 1],
    [new Date(0), new Set([1n])],
  ]),
  set: new Set(['x', undefined]),
  bytes: new Uint8Array([0, 127, 255]),
  buffer: new Uint8Array([104, 105]),
  nothing: undefined,
  inside: [undefined, null, { deeper: undefined }],
  numbers: [Number.NaN, Number.POSITIVE_INFINITY, -0],
  own: { as: 'toJSON says' },
  __groupcast: { $: 'user data that looks odd' },
};

const sent = {
  ...received,
  buffer: Buffer.from('hi'),
  own: new (class Own {
    toJSON() {
      return { as: 'toJSON says' };
    }
  })(),
};

describeBoth('the payload of a broadcast', (wire) => {
  test('P8 types survive the way from broadcast to filter and publish', async () => {
    const seen: unknown[] = [];
    const { app, connect } = await startRooms(wire, {
      filter: (payload) => seen.push(payload) > 0,
      publish: (payload) => {
        seen.push(payload);
        return { text: 'seen' };
      },
    });
    const messages = await hear(await connect(), 'red');
    await app.broadcast('onMessage', { group: 'red', payload: sent });
    await messages.expectNext(message('seen'));

    expect(seen).toHaveLength(2);
    for (const payload of seen) expect(payload).toStrictEqual(received);
    expect(Object.is(Reflect.get(Object(seen[1]), 'numbers')[2], -0)).toBe(true);
  });

  test.each([
    ['undefined', undefined],
    ['a date', new Date(0)],
    ['a map', new Map([[1, 2n]])],
  ])('P8 %s may be the whole payload', async (_name, payload) => {
    const seen: unknown[] = [];
    const { app, connect } = await startRooms(wire, {
      publish: (each) => {
        seen.push(each);
        return { text: 'seen' };
      },
    });
    const messages = await hear(await connect(), 'red');
    await app.broadcast('onMessage', { group: 'red', payload });
    await messages.expectNext(message('seen'));

    expect(seen).toStrictEqual([payload]);
  });

  test('P8 a plain payload is one frozen value for all, of which nobody can change a thing', async () => {
    const seen = new Set<unknown>();
    const tries: unknown[] = [];
    const { app, connect } = await startRooms(wire, {
      publish: (payload, _args, _context) => {
        seen.add(payload);
        try {
          Object.assign(payload, { text: 'stolen' });
        } catch (error) {
          tries.push(error);
        }
        return payload;
      },
    });
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red', 'blue')];
    const payload = { text: 'mine' };
    await app.broadcast('onMessage', { group: 'red', payload });

    for (const each of operations) await each.expectNext(message('mine'));
    expect(seen.size).toBe(1);
    expect(tries).toEqual([expect.any(TypeError), expect.any(TypeError)]);
    // The publisher's own object is its own.
    expect(seen.has(payload)).toBe(false);
    expect(Object.isFrozen(payload)).toBe(false);
  });

  test('P8 a payload with anything else is decoded per run: a change stays with who made it', async () => {
    const seen = new Set<unknown>();
    const { app, connect } = await startRooms(wire, {
      publish: (payload, _args, _context) => {
        seen.add(payload);
        const tags: Set<string> = Reflect.get(payload, 'tags');
        tags.add('mine');
        return { text: [...tags].join() };
      },
    });
    const client = await connect();
    const operations = [await hear(client, 'red'), await hear(client, 'red', 'blue')];
    await app.broadcast('onMessage', { group: 'red', payload: { tags: new Set(['all']) } });

    for (const each of operations) await each.expectNext(message('all,mine'));
    expect(seen.size).toBe(2);
  });
});
