import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import type { Wire } from './wires.ts';

/** The opcodes of RFC 6455, section 5.2, that the tests use. */
export const Opcode = { TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** One frame of a server: unmasked, not fragmented. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** What stands in an upgrade request. */
export interface UpgradeOptions {
  readonly path?: string;
  readonly protocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The bytes of one client's frame; masked with zeros, which leave the payload as it is. */
export function rawFrame(opcode: number, payload: string | Uint8Array = ''): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10);
  head.writeUInt8(0x80 | opcode, 0);
  if (head.length === 2) head.writeUInt8(0x80 | body.length, 1);
  if (head.length === 4) {
    head.writeUInt8(0x80 | 126, 1);
    head.writeUInt16BE(body.length, 2);
  }
  if (head.length === 10) {
    head.writeUInt8(0x80 | 127, 1);
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

/** The bytes of one text frame that holds `message` as JSON. */
export function messageFrame(message: object): Buffer {
  return rawFrame(Opcode.TEXT, JSON.stringify(message));
}

/** The bytes of an upgrade request. */
export function upgradeRequest(options: UpgradeOptions = {}): Buffer {
  const { path = '/graphql', protocol, headers = {} } = options;
  const all: Record<string, string> = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocol !== undefined && { 'Sec-WebSocket-Protocol': protocol }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
}

/**
 * A client made of bytes, which decides what shares a segment and answers nothing by itself.
 *
 * In memory its bytes arrive synchronously, so that an answer is there before the write returns.
 */
export class RawClient {
  readonly #stream: Duplex;
  readonly #frames: RawFrame[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  /** What arrived since; joined only when a whole frame is there. */
  #pieces: Buffer[] = [];
  #missing = 0;
  #bytesRead = 0;
  #head: string | undefined;
  #changed: (() => void)[] = [];
  #isClosed = false;
  /** Called with each frame, before the next one is looked at. */
  onFrame: ((frame: RawFrame) => void) | undefined;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => this.#read(bytes));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.#isClosed = true;
      this.#notify();
    });
    // A destroyed half of a pair closes only the reading side of the other half.
    stream.on('end', () => stream.destroy());
    onTestFinished(() => void stream.destroy());
  }

  /** Opens a line to an app; it must listen for a socket. */
  static async dial(
    app: FastifyInstance,
    transport: Wire['transport'] = 'socket',
  ): Promise<RawClient> {
    if (transport === 'memory') {
      const [clientEnd, serverEnd] = duplexPair();
      clientEnd.once('close', () => serverEnd.destroy());
      serverEnd.once('close', () => clientEnd.destroy());
      const client = new RawClient(clientEnd);
      app.server.emit('connection', serverEnd);
      return client;
    }
    const address = app.server.address();
    if (address === null || typeof address === 'string') throw new Error('The app does not listen');
    const socket = connectSocket({ host: '127.0.0.1', port: address.port, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Opens a line and has the connection acknowledged. */
  static async connect(app: FastifyInstance, { protocol, transport }: Wire): Promise<RawClient> {
    const client = await RawClient.dial(app, transport);
    client.write(upgradeRequest({ protocol }), messageFrame({ type: 'connection_init' }));
    let answer = await client.next();
    // With a short interval between pings, one may come first.
    while (answer.opcode === Opcode.PING) answer = await client.next();
    const message = answer.payload.toString();
    if (message !== '{"type":"connection_ack"}') throw new Error(`Expected an ack, got ${message}`);
    return client;
  }

  /** Writes all of it at once: one segment, as long as it is small. */
  write(...parts: readonly Uint8Array[]): void {
    this.#stream.write(Buffer.concat(parts));
  }

  /** Reads nothing more, so that the server's bytes pile up. */
  pause(): void {
    this.#stream.pause();
  }

  /** Reads on until so many more bytes have arrived, and then nothing more. */
  async read(bytes: number): Promise<void> {
    const until = this.#bytesRead + bytes;
    this.#stream.resume();
    while (this.#bytesRead < until && !this.#isClosed) await this.#change();
    this.#stream.pause();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** The head of the answer to the upgrade. */
  async head(): Promise<string> {
    while (this.#head === undefined) await this.#change();
    return this.#head;
  }

  /** The next frame; fails when the line is closed and nothing is left. */
  async next(): Promise<RawFrame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#isClosed) throw new Error('The line is closed and no frame is left');
      await this.#change();
    }
  }

  /** The next frame, which must be a message. */
  async message(): Promise<unknown> {
    const { opcode, payload } = await this.next();
    if (opcode !== Opcode.TEXT) throw new Error(`Expected a message, got opcode ${opcode}`);
    return JSON.parse(payload.toString());
  }

  /** The next frame, which must be a close. */
  async close(): Promise<{ readonly code: number; readonly reason: string }> {
    const { opcode, payload } = await this.next();
    if (opcode !== Opcode.CLOSE) throw new Error(`Expected a close, got ${payload.toString()}`);
    return { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
  }

  /** Resolves when the line is closed. */
  async gone(): Promise<void> {
    while (!this.#isClosed) await this.#change();
  }

  /** All frames that have arrived and were not taken. */
  get unread(): readonly RawFrame[] {
    return this.#frames;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #notify(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  #read(bytes: Buffer): void {
    this.#bytesRead += bytes.length;
    this.#pieces.push(bytes);
    this.#missing -= bytes.length;
    if (this.#missing <= 0) this.#parse();
    this.#notify();
  }

  #parse(): void {
    this.#bytes = Buffer.concat([this.#bytes, ...this.#pieces]);
    this.#pieces = [];
    if (this.#head === undefined) this.#readHead();
    if (this.#head !== undefined) this.#readFrames();
  }

  #readHead(): void {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return;
    this.#head = this.#bytes.subarray(0, end).toString();
    this.#bytes = this.#bytes.subarray(end + 4);
  }

  #readFrames(): void {
    for (;;) {
      const frame = this.#takeFrame();
      if (frame === undefined) return;
      this.#frames.push(frame);
      this.onFrame?.(frame);
    }
  }

  #takeFrame(): RawFrame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const short = bytes.readUInt8(1) & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < start) return undefined;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(2)
          : Number(bytes.readBigUInt64BE(2));
    this.#missing = start + length - bytes.length;
    if (this.#missing > 0) return undefined;
    this.#bytes = bytes.subarray(start + length);
    return {
      opcode: bytes.readUInt8(0) & 0x0f,
      payload: bytes.subarray(start, start + length),
    };
  }
}
