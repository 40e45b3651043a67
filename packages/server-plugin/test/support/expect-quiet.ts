import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';

/** Waits until the server has noticed that all clients have left, and proves that nothing is left of them. */
export async function expectQuiet(app: FastifyInstance): Promise<void> {
  await expect
    .poll(() => app.graphqlWs.stats(), { interval: 1, timeout: 5_000 })
    .toMatchObject({
      connections: 0,
      operations: 0,
      groups: 0,
      members: 0,
      queued: 0,
      bytes: 0,
      emitterListeners: 0,
      timers: 0,
    });
}
