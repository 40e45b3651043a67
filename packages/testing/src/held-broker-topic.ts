/** What a topic of the plugin stands for. */
export interface TopicName {
  /** The subscription field. */
  readonly field: string;
  /** Absent for the topic of all subscribers of the field. */
  readonly group?: string;
}

const fieldTopic = /^[\w~-]*:f:([\w~-]+)$/;
const groupTopic = /^[\w~-]*:g:([\w~-]+):([\w~-]*)$/;

/**
 * Reads a topic of the plugin: `groupcast:g:onMessage:kittens` is the group "kittens" of onMessage.
 *
 * @returns undefined for any other topic, such as one by which the plugin asks whether the broker
 *   works. A group whose name is too long for a topic stays the hash that stands for it
 */
export function readTopic(topic: string): TopicName | undefined {
  const [, field] = fieldTopic.exec(topic) ?? [];
  if (field !== undefined) return { field: decodePart(field) };
  const [, groupsField, group] = groupTopic.exec(topic) ?? [];
  if (groupsField === undefined || group === undefined) return undefined;
  return { field: decodePart(groupsField), group: decodePart(group) };
}

/** `~0023` is `#`: the code units of what is no letter, digit, `_` or `-`. */
function decodePart(part: string): string {
  return part.replace(/~([0-9a-f]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** What was broadcast, as JSON; or the message's text, when it is none of the plugin's. */
export function readPayload(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    const envelope: unknown = JSON.parse(text);
    if (typeof envelope !== 'object' || envelope === null) return text;
    return 'payload' in envelope ? envelope.payload : text;
  } catch {
    return text;
  }
}
