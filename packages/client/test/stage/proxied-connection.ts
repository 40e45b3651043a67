import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** The line as a connection sees it. */
export interface Line {
  readonly fault: Fault | undefined;
  mend(): void;
}

/** One client's connection through the proxy: two sockets, and what the line does between them. */
export class ProxiedConnection {
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #line: Line;
  #isDead = false;
  #counted: { readonly fault: Fault; bytes: number } | undefined;

  constructor(client: Socket, server: Socket, line: Line) {
    this.#client = client;
    this.#server = server;
    this.#line = line;
    this.closed = Promise.all([client, server].map(closing));
    this.#forward(client, server);
    this.#forward(server, client);
    this.obey();
  }

  /** Does what a fault does to connections that are open when it comes, or goes. */
  obey(): void {
    const { fault } = this.#line;
    if (fault?.name === 'half-open') this.#isDead = true;
    for (const socket of [this.#client, this.#server]) {
      if (fault?.name === 'stall') socket.pause();
      else socket.resume();
    }
  }

  /** Cuts the connection: both sides see a reset. */
  cut(): void {
    reset(this.#client);
    reset(this.#server);
  }

  #forward(from: Socket, to: Socket): void {
    let order: Promise<unknown> = Promise.resolve();
    const inOrder = (act: () => void) => {
      const { fault } = this.#line;
      const due = Date.now() + (fault?.name === 'delay' ? fault.ms : 0);
      order = order.then(() => sleepUntil(due)).then(act);
    };
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => inOrder(() => this.#pass(chunk, from, to)));
    from.on('end', () => inOrder(() => this.#end(to)));
    // A reset goes on as a reset, without waiting.
    from.on('error', () => this.#isDead || reset(to));
    from.on('close', () => inOrder(() => this.#end(to)));
  }

  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    if (this.#isDead || !to.writable) return;
    const bytesLeft = to === this.#client ? this.#bytesUntilCut() : Number.POSITIVE_INFINITY;
    if (chunk.length >= bytesLeft) {
      // An orderly end behind the part, since a reset could overtake it.
      this.#isDead = true;
      to.end(chunk.subarray(0, bytesLeft));
      reset(this.#server);
      if (isOnce(this.#line.fault)) this.#line.mend();
      return;
    }
    if (this.#counted) this.#counted.bytes += chunk.length;
    if (to.write(chunk)) return;
    from.pause();
    to.once('drain', () => this.obey());
  }

  #end(to: Socket): void {
    if (!this.#isDead) to.end();
  }

  #bytesUntilCut(): number {
    const { fault } = this.#line;
    if (fault?.name !== 'cut-after') return Number.POSITIVE_INFINITY;
    if (this.#counted?.fault !== fault) this.#counted = { fault, bytes: 0 };
    return fault.bytes - this.#counted.bytes;
  }
}

function closing(socket: Socket): Promise<void> {
  // `events.once` would reject with the error that comes before the close.
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** A socket that is ending cannot be reset any more. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function isOnce(fault: Fault | undefined): boolean {
  return fault?.name === 'cut-after' && fault.once === true;
}

function sleepUntil(due: number): Promise<void> | undefined {
  const ms = due - Date.now();
  return ms > 0 ? sleep(ms) : undefined;
}
