import type { BroadcastEvent } from '../../src/broker/event.ts';
import { MqemitterBroker } from '../../src/broker/mqemitter-broker.ts';
import { Publisher } from '../../src/broker/publisher.ts';
import { groupTopic, type Topic } from '../../src/broker/topic.ts';
import { type GroupMember, Groups, type OnEvent } from '../../src/groups/groups.ts';
import { HeldEmitter } from './held-emitter.ts';
import { RecordedLog } from './recorded-log.ts';

/** A member that keeps what it hears. */
export class Listener implements GroupMember {
  readonly name: string;
  readonly cohortKey: unknown;
  readonly heard: unknown[] = [];

  constructor(name: string, cohortKey: unknown = name) {
    this.name = name;
    this.cohortKey = cohortKey;
  }
}

/** Groups on an emitter that the test controls. */
export interface GroupScene {
  readonly emitter: HeldEmitter;
  readonly broker: MqemitterBroker;
  readonly groups: Groups<Listener>;
  readonly log: RecordedLog;
  /** Broadcasts to a group. */
  publish(group: string, payload: unknown): Promise<unknown>;
}

/** The topic of a group in a {@link GroupScene}. */
export function topicOf(group: string): Topic {
  return groupTopic('groupcast', 'onMessage', group);
}

function tellEverybody(event: BroadcastEvent, cohorts: Iterable<readonly Listener[]>): void {
  for (const members of cohorts) {
    for (const member of members) member.heard.push(event.payload());
  }
}

/**
 * @param onEvent - by default every member keeps the payload
 * @param lingerMs - by default nothing lingers
 */
export function groupScene(
  onEvent: OnEvent<Listener> = tellEverybody,
  emitter: HeldEmitter = new HeldEmitter(),
  lingerMs = 0,
): GroupScene {
  const log = new RecordedLog();
  const broker = new MqemitterBroker({
    emitter,
    ownsEmitter: true,
    log,
    onMessage: (topic, text) => groups.receive(topic, text),
  });
  const groups: Groups<Listener> = new Groups({ broker, log, onEvent, lingerMs });
  const publisher = new Publisher({ broker, namespace: 'groupcast', log });
  return {
    emitter,
    broker,
    groups,
    log,
    publish: (group, payload) => publisher.publish('onMessage', group, payload),
  };
}
