import type { FastifyInstance } from 'fastify';

/** Milliseconds that who starts takes to connect: before that Redis is not said to be away. */
const CONNECT_MS = 2_000;

/** Tells whether Redis answers this process: soon after its start, then on each change. The result stops that. */
export function watchRedis(
  { graphqlWs }: FastifyInstance,
  report: (answers: boolean) => void,
): () => void {
  const tell = (): void => report(graphqlWs.health.status === 'up');
  let stop = (): void => undefined;
  const timer = setTimeout(() => {
    tell();
    stop = graphqlWs.on('health', tell);
  }, CONNECT_MS);
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/** Says when Redis goes away and when it is back, once for all processes. */
export class RedisNotice {
  readonly #write: (text: string) => void;
  /** The processes that it does not answer. */
  readonly #waiting = new Set<number>();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  report(process: number, answers: boolean): void {
    const wasAway = this.#waiting.size > 0;
    if (answers) this.#waiting.delete(process);
    else this.#waiting.add(process);
    const isAway = this.#waiting.size > 0;
    if (isAway && !wasAway) this.#write('Redis does not answer. The chat goes on when it does\n');
    if (wasAway && !isAway) this.#write('Redis answers now\n');
  }
}
