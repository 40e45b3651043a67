import type { BrokerHealth } from '@groupcast/fastify';
import { MODERN } from '@groupcast/protocol';
import type { TestConnection, TestOperation } from '@groupcast/testing';
import { onTestFinished, vi } from 'vitest';
import type { Emitter } from '../../src/broker/mqemitter-broker.ts';
import { connectRedis } from '../../src/broker/redis/connect-redis.ts';
import type { HeartbeatTimes } from '../../src/broker/redis/heartbeat.ts';
import { redisEmitter } from '../../src/redis.ts';
import { askForGaps, brokerGap } from './gap.ts';
import type { StartOptions } from './start-app.ts';
import { type StartedRooms, startRooms } from './start-rooms.ts';
import type { Wire } from './wires.ts';

/** Longer than Redis is away in any test, with all that follows. */
export const PATIENCE_MS = 20_000;

/** A heartbeat for tests in which time has to pass: a tenth of the real times. */
export const quickHeartbeat: HeartbeatTimes = { intervalMs: 200, timeoutMs: 400, readyMs: 500 };

/** An app of rooms on Redis. */
export interface RedisRooms extends StartedRooms {
  readonly emitter: Emitter;
  /** Each change of the health so far. */
  readonly told: readonly BrokerHealth[];
  /** Resolves when the health is that. */
  whenHealth(status: BrokerHealth['status']): Promise<BrokerHealth>;
  /** A client that hears one room, and is told of gaps; resolves when it is live. */
  hearRoom(room: string): Promise<TestOperation>;
  /** Broadcasts to a room. */
  say(room: string, text: string): ReturnType<StartedRooms['app']['broadcast']>;
}

/** Lets a test close an emitter by itself, as an app would; it is closed after the test in any case. */
export function closeAfterTest(emitter: Emitter): Emitter {
  onTestFinished(() => closeEmitter(emitter));
  return emitter;
}

/** Resolves when the emitter calls back. */
export function closeEmitter(emitter: Emitter): Promise<void> {
  return new Promise((resolve) => void emitter.close(resolve));
}

/** An emitter that notices in tenths of a second what takes seconds otherwise. */
export function quickEmitter(url: string): Emitter {
  return closeAfterTest(connectRedis(url, undefined, quickHeartbeat));
}

/** @param emitter - the emitter, or where Redis is for one of `redisEmitter()` */
export async function redisRooms(
  emitter: Emitter | string,
  options: StartOptions = {},
  wire: Wire = { protocol: MODERN, transport: 'memory' },
): Promise<RedisRooms> {
  const own =
    typeof emitter === 'string' ? closeAfterTest(redisEmitter({ url: emitter })) : emitter;
  const rooms = await startRooms(wire, {}, { ...options, emitter: own });
  const { app, connect, onMessage } = rooms;
  const told: BrokerHealth[] = [];
  app.graphqlWs.on('health', (health) => told.push(health));
  let client: TestConnection | undefined;
  return {
    ...rooms,
    emitter: own,
    told,
    whenHealth: (status) =>
      vi.waitUntil(() => app.graphqlWs.health.status === status && app.graphqlWs.health, {
        timeout: PATIENCE_MS,
        interval: 5,
      }),
    hearRoom: async (room) => {
      client ??= await connect({ timeoutMs: PATIENCE_MS });
      return client.subscribe(`subscription { onMessage(rooms: ["${room}"]) { text } }`, {
        extensions: askForGaps,
      });
    },
    say: (room, text) => app.broadcast(onMessage, { group: room, payload: { text } }),
  };
}

/** The data of a notification. */
export function said(text: string): { onMessage: { text: string } } {
  return { onMessage: { text } };
}

/** After an outage: the client is told, and hears what is said next. */
export async function expectRecovery(rooms: RedisRooms, ...heard: TestOperation[]): Promise<void> {
  for (const operation of heard) await operation.expectResult(brokerGap);
  await rooms.whenHealth('up');
}
