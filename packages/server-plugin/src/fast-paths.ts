/**
 * Which shortcuts are taken. Each has a plain way beside it that does the same.
 *
 * No option: tests turn them off to show that nothing but speed depends on them.
 */
export const fastPaths: {
  /** Documents that only read the payload are executed by code made for them, not by graphql. */
  compiledExecution: boolean;
  /** Frames are put together here and written to the stream, not by the WebSocket. */
  directWrites: boolean;
} = { compiledExecution: true, directWrites: true };
