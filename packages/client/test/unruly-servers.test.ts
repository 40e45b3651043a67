import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, type ClientCodec, ClientError, createClient, modern } from '../src/index.ts';
import { legacy } from '../src/legacy.ts';
import { type Conduct, type Deed, UnrulyServer } from './support/unruly-server.ts';

/** What has become of a promise: an error of ours, or that it has resolved. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'done';
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return error.code;
  }
}

/** Sockets that take note of what the client throws into them. */
function notingSockets() {
  const thrown: unknown[] = [];
  const sockets: WebSocket[] = [];
  class Noting extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }

    override emit(...event: Parameters<WebSocket['emit']>): boolean {
      try {
        return super.emit(...event);
      } catch (error) {
        thrown.push(error);
        return true;
      }
    }
  }
  return { webSocket: Noting, thrown, sockets };
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, -1, true, '1', [], {}, [{}], [null], 1e21),
  fc.constantFrom<unknown>({ toString: 1, valueOf: 1 }, { length: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
);

const error = fc.record(
  {
    message: fc.oneof(fc.constant('no'), odd),
    extensions: fc.oneof(
      fc.record({ code: fc.constantFrom<unknown>('BROKER_UNAVAILABLE', 'SERVER_DRAINING', {}) }),
      odd,
    ),
  },
  { requiredKeys: ['message'] },
);

const notice = fc.record(
  {
    v: fc.oneof(fc.constant(1), odd),
    confirmed: fc.oneof(fc.constant(true), odd),
    // A real wait would be waited.
    retryAfterMs: fc.constantFrom<unknown>(0, 1, -1, '1', null, {}, []),
    gap: fc.oneof(
      fc.record(
        {
          reason: fc.oneof(fc.constant('queue'), odd),
          dropped: fc.oneof(fc.integer(), odd),
        },
        { requiredKeys: [] },
      ),
      odd,
    ),
  },
  { requiredKeys: ['v'] },
);

const result = fc.record(
  {
    data: fc.oneof(fc.constant({ a: 1 }), odd),
    errors: fc.oneof(fc.array(error, { maxLength: 2 }), odd),
    extensions: fc.oneof(fc.record({ groupcast: fc.oneof(notice, odd) }), odd),
  },
  { requiredKeys: [] },
);

const TYPES = [
  ...['connection_ack', 'connection_error', 'ping', 'pong', 'ka', 'connection_keep_alive'],
  ...['next', 'data', 'error', 'complete', 'violation', 'subscribe', 'start', '__proto__'],
];

/** Nearly what a server says, of the ids that a client of this test uses. */
const message = fc.record(
  {
    type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...TYPES) }, odd),
    id: fc.oneof({ weight: 5, arbitrary: fc.constantFrom<unknown>('1', '2', '3', '4', 1, 2) }, odd),
    payload: fc.oneof({ weight: 4, arbitrary: result }, error, fc.array(error), odd),
  },
  { requiredKeys: ['type'] },
);

const ack = fc.constant('{"type":"connection_ack"}');

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 20, arbitrary: message.map((said) => JSON.stringify(said)) },
  {
    weight: 2,
    arbitrary: fc.oneof(
      odd.map((said) => JSON.stringify(said) ?? ''),
      fc.string(),
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1000, 1007, 1009, 1011, 1012, 3000, 4000, 4400, 4401, 4403, 4406, 4409, 4429)
      .map((close) => ({ close })),
  },
);

const conduct: fc.Arbitrary<Conduct> = fc.record({
  early: fc
    .tuple(
      fc.array(deed, { maxLength: 2 }),
      fc.oneof({ weight: 5, arbitrary: ack }, deed),
      fc.array(deed, { maxLength: 2 }),
    )
    .map(([before, middle, after]) => [...before, middle, ...after]),
  late: fc.array(deed, { maxLength: 8 }),
});

/** Each kind of operation once; resolves when all have ended, or have got what they wait for. */
function operations(client: Client): Promise<readonly string[]> {
  const subscription = client.subscribe('subscription { a }', {}, { bufferLimit: 2 });
  const isHeard = async (): Promise<void> => {
    for await (const { data } of subscription.results()) {
      if (Object(data).isGood) break;
    }
  };
  const all = [client.query('{ a }'), client.mutate('mutation { a }'), isHeard()];
  return Promise.all([...all, subscription.ready].map(outcome));
}

test.each([modern, legacy])(
  'whatever a server says, and whenever, the client throws nothing and is of use again, over $subprotocol',
  async (protocol: ClientCodec) => {
    const server = new UnrulyServer();
    onTestFinished(() => server.close());
    const url = await server.url();
    const { webSocket, thrown, sockets } = notingSockets();

    const isSound = async (unruly: Conduct): Promise<void> => {
      sockets.length = 0;
      server.misbehave(unruly);
      const client = createClient({
        url,
        webSocket,
        protocols: [protocol],
        retryDelayMs: () => 0,
        params: () => ({}),
      });

      await operations(client);
      expect(server.queries.filter((query) => query?.startsWith('mutation')).length).toBeLessThan(
        2,
      );
      if (client.status.name === 'closed') {
        expect(client.status.error.code).toMatch(/^(UNAUTHORIZED|REFUSED)$/);
        client.reconnect();
      }
      expect(await client.query('{ a }')).toEqual({ isGood: true });
      await client.close();

      expect(thrown).toEqual([]);
      expect(sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED)).toEqual([]);
    };

    await fc.assert(fc.asyncProperty(conduct, isSound), {
      numRuns: Number(process.env['GROUPCAST_RUNS'] ?? 300),
    });
  },
);
