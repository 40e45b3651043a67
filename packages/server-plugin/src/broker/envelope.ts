import { MessageUnreadableError } from '../errors.ts';
import { parseJson } from './decode-payload.ts';
import { isObject } from './payload-format.ts';

/** What crosses processes for one event. */
export interface Envelope {
  /** The payload as parsed JSON, its tags not yet revived. */
  readonly payload: unknown;
}

/**
 * Wraps an encoded payload: `{"v":1,"payload":…}`, one JSON text.
 *
 * @param payload - text made by `encodePayload`
 */
export function encodeEnvelope(payload: string): string {
  return `{"v":1,"payload":${payload}}`;
}

/**
 * Reads an envelope of any origin. Keys that it does not know are ignored, so that later versions
 * may add a position or a number of the publisher; a change that older readers would get wrong
 * raises `v`.
 *
 * @throws MessageUnreadableError when it is no envelope, or one of another version
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
  return { payload: json['payload'] };
}
