import type { OperationOptions } from '@groupcast/testing';
import { createGate } from './gate.ts';
import type { StartOptions } from './start-app.ts';
import { type RoomMessage, startRooms } from './start-rooms.ts';
import type { Wire } from './wires.ts';

/** What {@link startSlow} takes. */
export interface SlowOptions {
  readonly definition: NonNullable<Parameters<typeof startRooms>[1]>;
  readonly options?: StartOptions;
  /** What the subscriber sends along. */
  readonly extensions?: NonNullable<OperationOptions['extensions']>;
}

/** Starts an app with a subscriber whose `publish` hangs whenever it gets the payload 'hold'. */
export async function startSlow(wire: Wire, { definition, options, extensions }: SlowOptions) {
  let held = createGate<RoomMessage>();
  const started = await startRooms(
    wire,
    { publish: (payload) => (payload.text === 'hold' ? held.arrive() : payload), ...definition },
    options,
  );
  const client = await started.connect();
  const messages = await client.subscribe(
    'subscription { onMessage(rooms: ["red"]) { text } }',
    extensions && { extensions },
  );
  const send = async (text: string): Promise<void> => {
    await started.app.broadcast(started.onMessage, { group: 'red', payload: { text } });
    // A slow machine may leave it for the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    ...started,
    client,
    messages,
    send,
    hold: async () => {
      held = createGate<RoomMessage>();
      await send('hold');
      await held.arrived();
    },
    release: () => held.open({ text: 'held' }),
    warnings: () => started.log.filter(({ level }) => level === 'warn'),
  };
}
