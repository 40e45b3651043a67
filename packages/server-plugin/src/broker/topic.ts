import { createHash } from 'node:crypto';

/**
 * The name under which the broker knows who hears a message, made by {@link groupTopic},
 * {@link fieldTopic} or {@link controlTopic}.
 */
export type Topic = string & { readonly __brand: 'Topic' };

/** A topic that nothing is published on: a join of it asks whether the broker answers. */
export const PROBE_TOPIC: Topic = 'groupcast-probe' as Topic;

/** Longer parts are replaced by their hash, so that a topic has at most 3 x 128 + 4 characters. */
const MAX_PART_LENGTH = 128;

/** No wildcard, separator or glob of any broker is among these. */
const isSafePart = /^[A-Za-z0-9_-]*$/;

/**
 * The topic of one group of one subscription field.
 *
 * Any string is a legal group, and no two of them share a topic. The text can be made in any
 * language: `<namespace>:g:<field>:<group>`, where each part is encoded as follows.
 *
 * 1. `A-Z a-z 0-9 _ -` stay as they are.
 * 2. Anything else becomes, per UTF-16 code unit, `~` and four lower-case hex digits: `#` is
 *   `~0023`, 😀 is `~d83d~de00`.
 * 3. A part that is then longer than 128 characters becomes `~~` and the SHA-256 of those
 *   characters, in hex.
 *
 * @param namespace - keeps apart the apps that use one broker
 * @param field - the name of the subscription field
 */
export function groupTopic(namespace: string, field: string, group: string): Topic {
  return `${encodePart(namespace)}:g:${encodePart(field)}:${encodePart(group)}` as Topic;
}

/**
 * The topic of all subscribers of one subscription field: `<namespace>:f:<field>`.
 *
 * The parts are encoded as in {@link groupTopic}; no group has the same topic.
 */
export function fieldTopic(namespace: string, field: string): Topic {
  return `${encodePart(namespace)}:f:${encodePart(field)}` as Topic;
}

/**
 * The topic of the orders that one process gives to all: `<namespace>:c`.
 *
 * The namespace is encoded as in {@link groupTopic}; no group and no field has the same topic.
 */
export function controlTopic(namespace: string): Topic {
  return `${encodePart(namespace)}:c` as Topic;
}

function encodePart(part: string): string {
  const encoded = isSafePart.test(part) ? part : escapePart(part);
  if (encoded.length <= MAX_PART_LENGTH) return encoded;
  return `~~${createHash('sha256').update(encoded, 'latin1').digest('hex')}`;
}

/** By code unit and not by byte of UTF-8, which has no bytes for a lone surrogate. */
function escapePart(part: string): string {
  return part.replace(
    /[^A-Za-z0-9_-]/g,
    (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
