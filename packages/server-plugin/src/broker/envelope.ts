import { MessageUnreadableError } from '../errors.ts';
import { parseJson } from './decode-payload.ts';
import { isObject } from './payload-format.ts';

/** Whose event it is, and its number among those of this publisher on this topic. */
export interface Origin {
  /** The publisher's id: at most 64 characters, one that was never used before it began to count. */
  readonly from: string;
  /** 1 for the first on a topic, then one more each time. */
  readonly n: number;
}

/** What crosses processes for one event. */
export interface Envelope {
  /** The payload as parsed JSON, its tags not yet revived. */
  readonly payload: unknown;
  /** Absent where the publisher does not number its events. */
  readonly origin: Origin | undefined;
}

/** Longer ids are refused, since every group remembers those of its publishers. */
const MAX_ID_LENGTH = 64;

/**
 * Wraps an encoded payload: `{"v":1,"from":"9fQz","n":7,"payload":…}`, one JSON text.
 *
 * @param payload - text made by `encodePayload`
 */
export function encodeEnvelope(payload: string, origin?: Origin): string {
  if (origin === undefined) return `{"v":1,"payload":${payload}}`;
  return `{"v":1,"from":${JSON.stringify(origin.from)},"n":${origin.n},"payload":${payload}}`;
}

/**
 * Reads an envelope of any origin. Keys that it does not know are ignored, so that later versions
 * may add some; a change that older readers would get wrong raises `v`.
 *
 * @throws MessageUnreadableError when it is no envelope, or one of another version
 * @see docs/broker-envelope.md
 */
export function decodeEnvelope(text: string): Envelope {
  const json = parseJson(text);
  if (!isObject(json) || Array.isArray(json)) {
    throw new MessageUnreadableError('it is not a JSON object');
  }
  if (json['v'] !== 1) {
    throw new MessageUnreadableError('its "v" is not 1: it is foreign, or of another version');
  }
  if (!Object.hasOwn(json, 'payload')) {
    throw new MessageUnreadableError('it has no "payload"');
  }
  return { payload: json['payload'], origin: readOrigin(json) };
}

function readOrigin(json: Record<string, unknown>): Origin | undefined {
  const { from, n } = json;
  if (from === undefined && n === undefined) return undefined;
  if (typeof from !== 'string' || from === '' || from.length > MAX_ID_LENGTH) {
    throw new MessageUnreadableError('its "from" is not the id of a publisher');
  }
  if (!isCount(n)) {
    throw new MessageUnreadableError('its "n" is not the number of an event');
  }
  return { from, n };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
