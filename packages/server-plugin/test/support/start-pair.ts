import type { GroupcastOptions } from '@groupcast/fastify';
import { HeldEmitter } from './held-emitter.ts';
import { type StartedRooms, startRooms } from './start-rooms.ts';
import type { Wire } from './wires.ts';

type Definition = NonNullable<Parameters<typeof startRooms>[1]>;

/** Two apps that share an emitter, as two processes do. */
export interface StartedPair {
  readonly emitter: HeldEmitter;
  readonly here: StartedRooms;
  readonly there: StartedRooms;
}

/** Starts two apps on one emitter; `definition` and `options` are those of the one over there. */
export async function startPair(
  wire: Wire,
  definition: Definition = {},
  options: Partial<GroupcastOptions> = {},
): Promise<StartedPair> {
  const emitter = new HeldEmitter();
  return {
    emitter,
    here: await startRooms(wire, {}, { emitter }),
    there: await startRooms(wire, definition, { emitter, ...options }),
  };
}
