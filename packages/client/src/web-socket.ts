/** The part of the standard WebSocket that is used; the package `ws` has it too. */
export interface WebSocketLike {
  readonly protocol: string;
  /** 3 when it is closed, less before. */
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Cuts the connection without a close frame; browsers can't. */
  terminate?(): void;
}

/** A class of {@link WebSocketLike}. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** What Node's libraries tell of an error; browsers tell nothing. */
export interface SocketError {
  readonly error?: unknown;
  readonly message?: string;
}

/** What is told of a close. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/** The `readyState` of a socket that is closed. */
const CLOSED = 3;

/** How long a server may take to answer a close. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Closes a socket; nobody is told what else happens to it.
 *
 * @returns resolves when it is closed, or does not answer
 */
export async function closeSocket(socket: WebSocketLike): Promise<void> {
  if (socket.readyState === CLOSED) return;
  await new Promise<void>((resolve) => {
    const timeout = setTimeout(() => {
      socket.terminate?.();
      resolve();
    }, CLOSE_TIMEOUT_MS);
    // An error is all that Node's own tells of a dial that was broken off.
    socket.onclose = socket.onerror = () => {
      clearTimeout(timeout);
      resolve();
    };
    socket.close(1000);
  });
}
