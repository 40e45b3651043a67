import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type ControlAnswer, type ControlRequest, controlNames, type Started } from './controls.ts';
import { portOf } from './servers/port-of.ts';
import { StagedServer } from './staged-server.ts';

/** Starts servers and steers them for tests that may run in a browser: JSON over HTTP. */
export interface ControlServer {
  readonly url: string;
  /** Ends all servers that still run. */
  close(): Promise<void>;
}

/** Listens on a free port of this machine. */
export async function createControlServer(): Promise<ControlServer> {
  const servers = new Map<string, StagedServer>();
  const http = createServer(async (request, response) => {
    const answer = await handle(await readJson(request), servers);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  http.listen({ host: '127.0.0.1', port: 0 });
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(http)}`,
    close: async () => {
      http.close();
      http.closeAllConnections();
      await Promise.all([...servers.values()].map((server) => server.end()));
    },
  };
}

async function handle(
  request: ControlRequest,
  servers: Map<string, StagedServer>,
): Promise<ControlAnswer> {
  try {
    return { result: await act(request, servers) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function act(request: ControlRequest, servers: Map<string, StagedServer>): Promise<unknown> {
  if ('start' in request) {
    const server = await StagedServer.start(request.start);
    const id = server.url;
    servers.set(id, server);
    return { id, url: server.url } satisfies Started;
  }
  const { id, control, args } = request;
  const server = servers.get(id);
  if (server === undefined) throw new Error(`There is no server ${id}, it may have ended`);
  if (!controlNames.includes(control)) throw new Error(`There is no control "${control}"`);
  const result = await Reflect.apply(server[control], server, args);
  return result ?? null;
}

async function readJson(request: IncomingMessage): Promise<ControlRequest> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}
