import process from 'node:process';
import type { FastifyInstance } from 'fastify';
import { createPlayground, type PlaygroundOptions } from './create-playground.ts';
import type { Settings } from './settings.ts';

/** A playground that listens, or why it does not. */
export type Start =
  | { readonly name: 'listening'; readonly url: string }
  | { readonly name: 'failed'; readonly sentence: string };

/**
 * Makes the playground as it is set. It does not listen yet.
 *
 * @param parts - `restart` counts while one develops only: pages of strangers must not do that
 */
export function createFor(
  { logLevel, redisUrl }: Settings,
  { restart, ...parts }: Pick<PlaygroundOptions, 'restart' | 'store'>,
): Promise<FastifyInstance> {
  return createPlayground({
    ...parts,
    logger: { level: logLevel },
    redisUrl,
    restart: process.env['NODE_ENV'] === 'production' ? undefined : restart,
  });
}

/** Has the playground listen, or closes it. */
export async function listen(app: FastifyInstance, { host, port }: Settings): Promise<Start> {
  try {
    return { name: 'listening', url: await app.listen({ host, port }) };
  } catch (error) {
    await app.close();
    return { name: 'failed', sentence: describeListenError(error, host, port) };
  }
}

/** The line that tells where to open the playground. */
export function readyLine(url: string, { processes, redisUrl }: Settings): string {
  const count = processes > 1 ? `, ${processes} processes` : '';
  const redis = redisUrl === undefined ? '' : ` on ${withoutPassword(redisUrl)}`;
  return `The playground is ready: ${url}${count}${redis} (Ctrl+C ends it)\n`;
}

/** Where the Redis is; its options may hold a password too. */
function withoutPassword(redisUrl: string): string {
  const { protocol, host, pathname } = new URL(redisUrl);
  return `${protocol}//${host}${pathname}`;
}

function describeListenError(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is taken. PORT=0 npm start takes a free one`;
  }
  return `The playground cannot listen on ${host}, port ${port}: ${String(error)}`;
}
