import { startMercurius } from './mercurius.mjs';

export function start() {
  return startMercurius({ jit: 1 });
}
