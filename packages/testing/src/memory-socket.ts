import { AsyncLocalStorage } from 'node:async_hooks';
import { isIPv6 } from 'node:net';
import { Duplex } from 'node:stream';

import { onNextTurn } from './real-timers.ts';

type Callback = (error?: Error | null) => void;

/** The async context of nobody: what a client does in its own must not be seen by the server. */
const inNeutralContext = AsyncLocalStorage.snapshot();

/** How much may be on its way before a writer has to wait for the reader, as in a kernel's buffer. */
const WINDOW_BYTES = 65_536;

/** Where the two ends of a pair pretend to be. */
export interface Addresses {
  /** The address of the client. */
  readonly clientAddress: string;
  /** The address of the server. */
  readonly serverAddress: string;
}

/**
 * One end of a connection without a network, with what servers ask of a `net.Socket`.
 *
 * It is as a loopback socket is, where a plain `stream.duplexPair()` is not: bytes arrive in a later
 * turn of the event loop and outside of the writer's async context; what was written in one turn
 * arrives in one piece; `destroy()` reaches the other end, after all that was written before.
 */
export class MemorySocket extends Duplex {
  readonly connecting = false;
  readonly pending = false;
  readonly remoteAddress: string;
  readonly remoteFamily: 'IPv4' | 'IPv6';
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localFamily: 'IPv4' | 'IPv6';
  readonly localPort: number;
  bytesRead = 0;

  /** The other end; `pair` sets it. */
  #peer: MemorySocket = this;
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #acceptedBytes = 0;
  #heldBytes = 0;
  #whenRoom: Callback | undefined;
  #isDeliveryDue = false;
  /** Does this end take more, or is what it has not read yet already enough? */
  #isHungry = true;
  #hasEnded = false;
  #isPeerGone = false;

  private constructor(local: Endpoint, remote: Endpoint) {
    super({ readableHighWaterMark: WINDOW_BYTES });
    this.localAddress = local.address;
    this.localFamily = familyOf(local.address);
    this.localPort = local.port;
    this.remoteAddress = remote.address;
    this.remoteFamily = familyOf(remote.address);
    this.remotePort = remote.port;
  }

  /** Makes two ends that are connected. */
  static pair({ clientAddress, serverAddress }: Addresses): [MemorySocket, MemorySocket] {
    const client = { address: clientAddress, port: 49_152 };
    const server = { address: serverAddress, port: 80 };
    const clientEnd = new MemorySocket(client, server);
    const serverEnd = new MemorySocket(server, client);
    clientEnd.#peer = serverEnd;
    serverEnd.#peer = clientEnd;
    return [clientEnd, serverEnd];
  }

  /** Bytes handed over so far, those that still wait here included, as `net.Socket` counts. */
  get bytesWritten(): number {
    return this.#acceptedBytes + this.writableLength - this.#heldBytes;
  }

  address(): { address: string; family: string; port: number } {
    return { address: this.localAddress, family: this.localFamily, port: this.localPort };
  }

  // Nothing below has a meaning without a network.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  /** Destroys the socket as soon as all is written; an HTTP server ends refused requests so. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _read(): void {
    this.#isHungry = true;
    this.#peer.#makeRoom();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: Callback): void {
    this.#accept([chunk], callback);
  }

  override _writev(chunks: { chunk: Uint8Array }[], callback: Callback): void {
    this.#accept(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    this.#hasEnded = true;
    this.#deliverLater();
    callback();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#hasEnded = true;
    this.#deliverLater();
    this.#failWrite('ECANCELED');
    callback(error);
  }

  #accept(chunks: readonly Uint8Array[], callback: Callback): void {
    this.#whenRoom = callback;
    if (this.#isPeerGone) {
      this.#failWrite('EPIPE');
      return;
    }
    for (const chunk of chunks) {
      this.#outgoing.push(chunk);
      this.#outgoingBytes += chunk.length;
      this.#heldBytes += chunk.length;
    }
    this.#acceptedBytes += this.#heldBytes;
    this.#deliverLater();
    this.#makeRoom();
  }

  #deliverLater(): void {
    if (this.#isDeliveryDue) return;
    this.#isDeliveryDue = true;
    inNeutralContext(onNextTurn, () => this.#deliver());
  }

  #deliver(): void {
    this.#isDeliveryDue = false;
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    this.#outgoingBytes = 0;

    if (bytes.length > 0) this.#peer.#receive(bytes);
    if (this.#hasEnded) this.#peer.#receiveEnd();
    if (this.destroyed) this.#peer.#losePeer();
    this.#makeRoom();
  }

  #receive(bytes: Uint8Array): void {
    if (this.destroyed) return;
    this.bytesRead += bytes.length;
    this.#isHungry = this.push(bytes);
  }

  #receiveEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  /** Nobody is there to read what is written from now on. */
  #losePeer(): void {
    this.#isPeerGone = true;
    this.#failWrite('EPIPE');
  }

  #makeRoom(): void {
    if (this.#peer.#isHungry && this.#outgoingBytes < WINDOW_BYTES) this.#settleWrite(null);
  }

  #failWrite(code: 'EPIPE' | 'ECANCELED'): void {
    this.#settleWrite(Object.assign(new Error(`write ${code}`), { code, syscall: 'write' }));
  }

  #settleWrite(error: Error | null): void {
    const callback = this.#whenRoom;
    this.#whenRoom = undefined;
    this.#heldBytes = 0;
    callback?.(error);
  }
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

function familyOf(address: string): 'IPv4' | 'IPv6' {
  return isIPv6(address) ? 'IPv6' : 'IPv4';
}
