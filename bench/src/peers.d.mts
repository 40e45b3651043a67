/** A server that is measured. */
export interface Peer {
  readonly name: string;
  /** The file in `servers/` that starts it, without its ending, or a URL. */
  readonly module: string;
  readonly dialect: 'modern' | 'legacy' | 'socket.io';
  readonly part: number;
  readonly note: string;
}

export const peers: readonly Peer[];
