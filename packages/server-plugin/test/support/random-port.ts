import { randomInt } from 'node:crypto';

/**
 * A port that is probably free, and stays free while nobody listens on it: systems give higher ones
 * to dialling sockets and to who asks for any port.
 */
export function randomPort(): number {
  return randomInt(20_000, 32_000);
}
