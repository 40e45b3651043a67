import { readFileSync, writeFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { codeBlocks } from './support/code-blocks.ts';
import { readText } from './support/documents.ts';
import { extractModules } from './support/extracted-modules.ts';
import { freePort } from './support/free-port.ts';

/** The port in the README's code. */
const PORT = '4000';

/** What the README's `curl` line posts. */
const POSTED = { author: 'Ann', text: 'Meow' };

/** For clients that tell nobody but their page when they are subscribed. */
const WAIT = { timeout: 10_000, interval: 5 };

/** The documents' modules, on a port that is free. */
async function pastedModules(): Promise<{
  port: number;
  find(document: string, name: string): string;
}> {
  const { modules, remove } = extractModules();
  onTestFinished(remove);
  const port = await freePort();
  const find = (document: string, name: string): string => {
    const found = modules.find(
      ({ block }) => block.document === document && block.fileName === name,
    );
    if (found === undefined) throw new Error(`${document} has no block "// ${name}"`);
    const { file } = found;
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(PORT, String(port)));
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

/** Runs the README's server with the client of a document; gives what the client has printed. */
async function runWithServer(document: string): Promise<readonly unknown[][]> {
  // As in a browser; the README says so.
  vi.stubGlobal('WebSocket', WebSocket);
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    printed.mockRestore();
  });
  const { port, find } = await pastedModules();
  const { app }: { app: FastifyInstance } = await import(find('README.md', 'server.ts'));
  onTestFinished(() => app.close());
  const client = import(find(document, 'client.ts'));
  await vi.waitFor(() => expect(app.graphqlWs.stats().members).toBeGreaterThan(0), WAIT);
  await app.graphqlWs.settled();

  const { url, init } = curlLine(port);
  const response = await fetch(url, init);
  expect(response.status).toBe(201);
  await vi.waitFor(() => expect(printed.mock.lastCall).toEqual([POSTED]), WAIT);
  await app.graphqlWs.unsubscribe('onMessage');
  await client;

  return printed.mock.calls;
}

test("the README's client hears what is posted to the README's server", async () => {
  expect(await runWithServer('README.md')).toEqual([[POSTED]]);
});

test("the first use of the client's README prints what it says", async () => {
  const printed = await runWithServer('packages/client/README.md');

  expect(printed).toEqual([['world'], ['live', 'subscribed'], [POSTED]]);
  expect(readText('packages/client/README.md')).toContain('`world`, then `live subscribed`');
});
