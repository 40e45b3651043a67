import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { directStream, isInStep } from '../src/connection/direct-stream.ts';
import { fastPaths } from '../src/fast-paths.ts';

/** A WebSocket of a server, the stream under it, and the other end. */
async function startSocket(perMessageDeflate = false) {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate });
  onTestFinished(() => {
    client.terminate();
    server.close();
    http.close();
  });
  const [[socket, request]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  return { socket: socket as WebSocket, stream: request.socket as Duplex, client };
}

beforeEach(() => {
  const before = fastPaths.directWrites;
  fastPaths.directWrites = true;
  onTestFinished(() => {
    fastPaths.directWrites = before;
  });
});

test('frames may be written to the stream under the WebSocket of a server', async () => {
  const { socket, stream } = await startSocket();

  expect(directStream(socket, stream)).toBe(stream);
});

test('they may not when the client wants them compressed', async () => {
  const { socket, stream } = await startSocket(true);

  expect(socket.extensions).toBe('permessage-deflate');
  expect(directStream(socket, stream)).toBeUndefined();
});

test('they may not to a stream that is not known, another one, or one in memory', async () => {
  const [one, other] = [await startSocket(), await startSocket()];

  expect(directStream(one.socket, undefined)).toBeUndefined();
  expect(directStream(one.socket, other.stream)).toBeUndefined();
  expect(directStream(one.socket, new PassThrough())).toBeUndefined();
});

test('they may not for the WebSocket of a client, whose frames are masked', async () => {
  const { client } = await startSocket();

  expect(directStream(client, Reflect.get(client, '_socket'))).toBeUndefined();
});

test('they may not when somebody looks at what is sent', async () => {
  const [one, other] = [await startSocket(), await startSocket()];
  one.socket.send = () => undefined;
  other.stream.write = () => true;

  expect(directStream(one.socket, one.stream)).toBeUndefined();
  expect(directStream(other.socket, other.stream)).toBeUndefined();
});

test('they may not when fast paths are off', async () => {
  const { socket, stream } = await startSocket();
  fastPaths.directWrites = false;

  expect(directStream(socket, stream)).toBeUndefined();
});

test('they go through the WebSocket while it holds something back, and when it closes', async () => {
  const { socket, stream, client } = await startSocket();
  const direct = directStream(socket, stream);
  if (direct === undefined) throw new Error('There must be a stream');

  expect(isInStep(socket, direct, socket.bufferedAmount)).toBe(true);
  socket.send(await new Response('held back').blob());
  expect(isInStep(socket, direct, socket.bufferedAmount)).toBe(false);
  await once(client, 'message');
  expect(isInStep(socket, direct, socket.bufferedAmount)).toBe(true);
  socket.close();
  expect(isInStep(socket, direct, socket.bufferedAmount)).toBe(false);
});
