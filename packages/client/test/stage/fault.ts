/** What is wrong with the line between clients and server. All but `cut` hold until mended. */
export type Fault =
  /** Cuts the open connections now; the next ones work. */
  | { readonly name: 'cut' }
  /**
   * Cuts a connection after so many more bytes to the client, in the middle of a frame or of the
   * handshake. With `once` it mends itself with the first cut.
   */
  | { readonly name: 'cut-after'; readonly bytes: number; readonly once?: boolean }
  /**
   * Swallows all bytes in both directions, and the end of each side; sockets stay open. New
   * connections are taken and hear nothing. Those that are open now stay dead when it is mended.
   */
  | { readonly name: 'half-open' }
  /** Holds all bytes back until it is mended. */
  | { readonly name: 'stall' }
  /** Each byte comes later, in both directions. */
  | { readonly name: 'delay'; readonly ms: number }
  /** Takes connections and resets them at once. The open ones stay. */
  | { readonly name: 'refuse' }
  /** Listens no more: dials fail. The open ones stay. */
  | { readonly name: 'unreachable' };
