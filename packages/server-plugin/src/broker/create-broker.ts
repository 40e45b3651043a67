import type { Broker, BrokerLog, OnMessage, OnOutage } from './broker.ts';
import { type Emitter, MqemitterBroker } from './mqemitter-broker.ts';
import { RedisBroker } from './redis/redis-broker.ts';
import { isRedisEmitter } from './redis/redis-emitter.ts';

/** What a broker is made of. */
export interface BrokerOptions {
  readonly emitter: Emitter;
  /** Whether `close()` closes the emitter too; one that the app gave is the app's to close. */
  readonly ownsEmitter: boolean;
  readonly log: BrokerLog;
  readonly onMessage: OnMessage;
  /** @default nobody is told */
  readonly onOutage?: OnOutage;
}

/** Makes the broker that gets most out of an emitter: on Redis, its connections are watched. */
export function createBroker(options: BrokerOptions): Broker {
  const { emitter } = options;
  return isRedisEmitter(emitter)
    ? new RedisBroker({ ...options, emitter })
    : new MqemitterBroker(options);
}
