import type { ConnectResult } from '@groupcast/fastify';

/** An `onConnect` that gives each connection the tags that its client asks for. */
export const tagged = {
  onConnect: ({ params }: { params: { [name: string]: unknown } }): ConnectResult => ({
    tags: [params['tags']].flat().map(String),
  }),
};

/** Connects as one who has these tags. */
export function as(...tags: string[]): { params: { tags: string[] } } {
  return { params: { tags } };
}
