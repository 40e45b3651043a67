import type { JsonObject, WireId } from '@groupcast/protocol';

import { cut } from './show.ts';

/** One frame, in either direction: text, or the bytes of a binary frame. */
export type Frame = string | Uint8Array;

/**
 * A frame as it stands in a transcript: `subscribe op1 {"query":"{ a }"}`.
 *
 * What has no type, or an id that is none, stands there as it came.
 *
 * @param nameOf - what an id is called; by default as it came too
 */
export function showFrame(frame: Frame, nameOf: (id: WireId) => string = JSON.stringify): string {
  if (typeof frame !== 'string') return `binary frame of ${showBytes(frame)}`;
  return cut(shownMessage(frame, nameOf) ?? frame);
}

function shownMessage(frame: string, nameOf: (id: WireId) => string): string | undefined {
  const message = parseObject(frame);
  try {
    return message && showMessage(message, nameOf);
  } catch {
    // JSON.parse reads a nesting so deep that JSON.stringify gives up on it.
    return undefined;
  }
}

/** The id in a frame that names an operation; undefined when there is none. */
export function idIn(frame: Frame): WireId | undefined {
  const message = parseObject(frame);
  return message && typeof message['type'] === 'string' && isId(message['id'])
    ? message['id']
    : undefined;
}

/** The JSON object that a frame holds; undefined when it holds something else. */
export function parseObject(frame: Frame): JsonObject | undefined {
  if (typeof frame !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(frame);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is WireId {
  return typeof value === 'string' || typeof value === 'number';
}

function showMessage(
  { type, id, payload, ...others }: JsonObject,
  nameOf: (id: WireId) => string,
): string | undefined {
  if (typeof type !== 'string') return undefined;
  const parts = [type];
  if (id !== undefined) parts.push(isId(id) ? nameOf(id) : JSON.stringify(id));
  if (payload !== undefined) parts.push(JSON.stringify(payload));
  if (Object.keys(others).length > 0) parts.push(`and ${JSON.stringify(others)}`);
  return parts.join(' ');
}

/** The number of bytes and the first of them. */
export function showBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, 16)).toString('hex');
  return `${bytes.length} bytes: ${hex}${bytes.length > 16 ? '…' : ''}`;
}
