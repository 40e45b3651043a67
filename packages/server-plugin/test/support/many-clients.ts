import { once } from 'node:events';
import { MODERN, type ModernServerMessage, type ResultPayload } from '@groupcast/protocol';
import { WebSocket } from 'ws';

/** How long clients may take for what a test waits for. */
const PATIENCE_MS = 30_000;

/** What {@link connectMany} connects. */
export interface ManyOptions {
  readonly count: number;
  /** The subscription of each client, `onMessage { author room seq }`; or that of one by its number. */
  readonly query: string | ((client: number) => string);
  /** The payload of `connection_init`: `{ tags: ['red'] }`. */
  readonly params?: object;
}

/** Messages of a publisher that did not come between two that did. */
export interface Missed {
  readonly from: number;
  readonly to: number;
  /** Whether a gap was told between those two. */
  readonly wasTold: boolean;
  /** Which gaps were: from this one on, up to but without that one. */
  readonly notices: readonly [from: number, to: number];
}

/** What a client was told of a gap. */
export interface GapNotice {
  readonly reason: string;
  /** How many events, where that is known. */
  readonly dropped?: number;
}

/** What a client has heard of the messages of one publisher to one group, in figures. */
export interface Heard {
  readonly first: number;
  readonly last: number;
  /** How many have come, those that came twice included. */
  readonly count: number;
  readonly missed: readonly Missed[];
  /** Those that came again, or after a later one. */
  readonly repeated: readonly number[];
  /** How many gaps had been told when the first one came. */
  readonly gapsAtFirst: number;
  /** How many had been when the last one came. */
  readonly gapsAtLast: number;
}

interface Message {
  readonly author: string;
  readonly room: string | null;
  readonly seq: number;
}

/** One WebSocket with one subscription, which keeps figures of what it hears, not the messages. */
export class LoadClient {
  /** How many messages have come. */
  count = 0;
  /** The gaps that it was told of. */
  readonly gaps: GapNotice[] = [];
  /** How its subscription was ended by the server. */
  ending: 'complete' | 'error' | undefined;
  /** The code by which its connection was closed. */
  closeCode: number | undefined;
  /** Resolves when its subscription is live; rejects when that does not come to be. */
  readonly live: Promise<void>;
  readonly #socket: WebSocket;
  readonly #heard = new Map<string, Tally>();
  readonly #strange: string[] = [];
  #becomeLive: () => void = () => undefined;

  constructor(url: string, query: string, params: object, onChange: (client: LoadClient) => void) {
    this.#socket = new WebSocket(url, MODERN, { perMessageDeflate: false });
    this.live = new Promise((resolve, reject) => {
      this.#becomeLive = resolve;
      this.#socket.on('error', reject);
      this.#socket.on('close', (code, reason) => {
        this.closeCode = code;
        reject(new Error(`The connection was closed by ${code} ${reason}`));
        onChange(this);
      });
    });
    this.live.catch(() => undefined);
    this.#socket.on('open', () => this.#send({ type: 'connection_init', payload: params }));
    this.#socket.on('message', (data) => {
      this.#take(JSON.parse(data.toString()), query);
      onChange(this);
    });
  }

  /** What it has heard of an author's messages to a group; null are those to all. */
  heard(author: string, room: string | null): Heard | undefined {
    return this.#heard.get(keyOf(author, room));
  }

  /** Results that are neither a message nor a notice. */
  get strange(): readonly string[] {
    return this.#strange;
  }

  /** What was missed, repeated or strange, in words. */
  faults(): string[] {
    const ofPublishers = [...this.#heard].flatMap(([key, { missed, repeated }]) => [
      ...missed.map(({ from, to }) => `${key}: ${from} to ${to} are missing`),
      ...repeated.map((seq) => `${key}: ${seq} came again, or too late`),
    ]);
    return [...ofPublishers, ...this.#strange];
  }

  /** Ends its subscription. */
  complete(): void {
    this.#send({ type: 'complete', id: '1' });
  }

  /** Reads nothing more from its socket, as a client that hangs. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.terminate();
    await closed;
  }

  #take(message: ModernServerMessage, query: string): void {
    switch (message.type) {
      case 'connection_ack': {
        const ask = { groupcast: { v: 1, confirm: true, gaps: true } };
        this.#send({ id: '1', type: 'subscribe', payload: { query, extensions: ask } });
        return;
      }
      case 'next':
        return this.#hear(message.payload);
      case 'ping':
        return this.#send({ type: 'pong' });
      case 'error':
      case 'complete':
        this.ending = message.type;
    }
  }

  #hear({ data, extensions, ...rest }: ResultPayload): void {
    const said = extensions?.['groupcast'];
    if (typeof said === 'object' && said !== null) {
      if ('gap' in said) this.gaps.push(said.gap as GapNotice);
      else this.#becomeLive();
      return;
    }
    const message = (data as { onMessage?: Message | null } | null | undefined)?.onMessage;
    if (!message) {
      this.#strange.push(JSON.stringify({ data, ...rest }));
      return;
    }
    const { author, room, seq } = message;
    this.count += 1;
    const key = keyOf(author, room);
    const tally = this.#heard.get(key);
    if (tally) tally.add(seq, this.gaps.length);
    else this.#heard.set(key, new Tally(seq, this.gaps.length));
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}

/** The figures of one publisher's messages to one group. */
class Tally implements Heard {
  readonly first: number;
  last: number;
  count = 1;
  readonly missed: Missed[] = [];
  readonly repeated: number[] = [];
  readonly gapsAtFirst: number;
  gapsAtLast: number;

  constructor(first: number, gaps: number) {
    this.first = first;
    this.last = first;
    this.gapsAtFirst = gaps;
    this.gapsAtLast = gaps;
  }

  add(seq: number, gaps: number): void {
    this.count += 1;
    if (seq <= this.last) {
      this.repeated.push(seq);
      return;
    }
    if (seq > this.last + 1) {
      const notices = [this.gapsAtLast, gaps] as const;
      this.missed.push({
        from: this.last + 1,
        to: seq - 1,
        wasTold: gaps > this.gapsAtLast,
        notices,
      });
    }
    this.last = seq;
    this.gapsAtLast = gaps;
  }
}

/** Clients whose subscriptions are live. */
export class ManyClients implements AsyncDisposable {
  readonly clients: readonly LoadClient[];
  readonly #watchers = new Set<(client: LoadClient) => void>();

  constructor(url: string, { count, query, params = {} }: ManyOptions) {
    const notify = (client: LoadClient): void => {
      for (const watch of this.#watchers) watch(client);
    };
    this.clients = Array.from({ length: count }, (_, index) => {
      const text = typeof query === 'string' ? query : query(index);
      return new LoadClient(url, text, params, notify);
    });
  }

  /**
   * Resolves when each client has met a condition, which is asked about a client whenever something
   * has come to it.
   */
  async every(condition: (client: LoadClient) => boolean): Promise<void> {
    const pending = new Set(this.clients.filter((client) => !condition(client)));
    if (pending.size === 0) return;
    let stop = (): void => undefined;
    await new Promise<void>((resolve, reject) => {
      const watch = (client: LoadClient): void => {
        if (!pending.has(client) || !condition(client)) return;
        pending.delete(client);
        if (pending.size === 0) resolve();
      };
      this.#watchers.add(watch);
      const timer = setTimeout(() => reject(new Error(this.#lateness(pending))), PATIENCE_MS);
      stop = () => {
        clearTimeout(timer);
        this.#watchers.delete(watch);
      };
    }).finally(() => stop());
  }

  /** Resolves when each client has heard a message of an author to a group, or a later one. */
  hear(author: string, room: string | null, seq: number): Promise<void> {
    return this.every((client) => (client.heard(author, room)?.last ?? 0) >= seq);
  }

  /** What was missed or repeated by any client, in words: empty when each message came once, in order. */
  faults(): string[] {
    return this.clients.flatMap((client, index) =>
      client.faults().map((fault) => `Client ${index}, ${fault}`),
    );
  }

  /** Breaks all connections off. */
  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #lateness(pending: ReadonlySet<LoadClient>): string {
    const [one] = pending;
    const state = JSON.stringify({ count: one?.count, ending: one?.ending, code: one?.closeCode });
    return `${pending.size} of ${this.clients.length} clients are late after ${PATIENCE_MS} ms; one has ${state} and ${one?.faults().slice(0, 5).join(', ') || 'no faults'}`;
  }
}

/** Connects clients of one server; resolves when the subscriptions of all are live. */
export async function connectMany(url: string, options: ManyOptions): Promise<ManyClients> {
  const many = new ManyClients(url, options);
  try {
    await Promise.all(many.clients.map((client) => client.live));
    return many;
  } catch (error) {
    await many.close();
    throw error;
  }
}

function keyOf(author: string, room: string | null): string {
  return room === null ? `${author} to all` : `${author} to ${JSON.stringify(room)}`;
}
