import { expectNoLeaks } from '@groupcast/testing';
import type { FastifyInstance } from 'fastify';
import { expect, vi } from 'vitest';

/** Waits until the server has noticed that all clients have left, and proves that nothing is left of them. */
export async function expectQuiet(app: FastifyInstance): Promise<void> {
  // It advances timers that are faked, which the server may need to notice.
  await vi.waitFor(() => expect(app.graphqlWs.stats().connections).toBe(0), {
    interval: 1,
    timeout: 5_000,
  });
  await expectNoLeaks(app, { timeoutMs: 5_000 });
}
