import { EventEmitter } from 'node:events';

/**
 * Listens to the `error` events of an emitter's connections, which end the process when nobody
 * does.
 *
 * mqemitter-redis has them on its `state`. `emitter.on('error')` would be a topic, and is not
 * tried.
 *
 * @returns stops listening
 */
export function watchEmitterErrors(emitter: object, onError: (error: Error) => void): () => void {
  const state: unknown = 'state' in emitter ? emitter.state : undefined;
  if (!(state instanceof EventEmitter)) return () => {};
  const listener = (error: unknown): void => {
    onError(error instanceof Error ? error : new Error(String(error)));
  };
  state.on('error', listener);
  return () => void state.off('error', listener);
}
