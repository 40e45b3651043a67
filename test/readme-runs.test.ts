import { readFileSync, writeFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { codeBlocks } from './support/code-blocks.ts';
import { extractModules } from './support/extracted-modules.ts';
import { freePort } from './support/free-port.ts';

/** The port in the README's code. */
const PORT = '4000';

/** For a client library that tells nobody when it is subscribed. */
const WAIT = { timeout: 10_000, interval: 5 };

/** The README's modules by their names, on a port that is free. */
async function pastedModules(): Promise<{ port: number; find(name: string): string }> {
  const { modules, remove } = extractModules();
  onTestFinished(remove);
  const port = await freePort();
  const pasted = new Map<string, string>();
  for (const { block, file } of modules) {
    if (block.document !== 'README.md' || block.fileName === undefined) continue;
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(PORT, String(port)));
    pasted.set(block.fileName, file);
  }
  const find = (name: string): string => {
    const file = pasted.get(name);
    if (file === undefined) throw new Error(`The README has no block "// ${name}"`);
    return file;
  };
  return { port, find };
}

/** The request of the README's `curl` line. */
function curlLine(port: number): { url: string; init: RequestInit } {
  const lines = codeBlocks('README.md')
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'));
  const line = lines.find((each) => each.startsWith('curl ')) ?? '';
  const [, url = '', name = '', value = '', body = ''] =
    /^curl (\S+) -H '([\w-]+): (\S+)' -d '(.+)'$/.exec(line) ?? [];
  const init = { method: 'POST', headers: { [name]: value }, body };
  return { url: url.replace(PORT, String(port)), init };
}

test("the README's client hears what is posted to the README's server", async () => {
  // As in a browser; the README says so.
  vi.stubGlobal('WebSocket', WebSocket);
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    printed.mockRestore();
  });
  const { port, find } = await pastedModules();
  const { app }: { app: FastifyInstance } = await import(find('server.ts'));
  onTestFinished(() => app.close());
  const client = import(find('client.ts'));
  await vi.waitFor(() => expect(app.graphqlWs.stats().members).toBeGreaterThan(0), WAIT);
  await app.graphqlWs.settled();

  const { url, init } = curlLine(port);
  const response = await fetch(url, init);
  await vi.waitFor(() => expect(printed).toHaveBeenCalled(), WAIT);
  await app.graphqlWs.unsubscribe('onMessage');
  await client;

  expect(response.status).toBe(201);
  expect(printed.mock.calls).toEqual([[{ author: 'Ann', text: 'Meow' }]]);
});
