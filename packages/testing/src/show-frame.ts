import type { JsonObject } from '@groupcast/protocol';

import { cut } from './show.ts';

/** One frame, in either direction: text, or the bytes of a binary frame. */
export type Frame = string | Uint8Array;

/**
 * A frame as it stands in a transcript: `subscribe "1" {"query":"{ a }"}`.
 *
 * What is not just a type, an id and a payload stands there as it came.
 */
export function showFrame(frame: Frame): string {
  if (typeof frame !== 'string') return `binary frame of ${showBytes(frame)}`;
  const message = parseObject(frame);
  return cut((message && showMessage(message)) ?? frame);
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

function showMessage({ type, id, payload, ...others }: JsonObject): string | undefined {
  if (typeof type !== 'string' || Object.keys(others).length > 0) return undefined;
  const parts = [type];
  if (id !== undefined) parts.push(JSON.stringify(id));
  if (payload !== undefined) parts.push(JSON.stringify(payload));
  return parts.join(' ');
}

/** The number of bytes and the first of them. */
export function showBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, 16)).toString('hex');
  return `${bytes.length} bytes: ${hex}${bytes.length > 16 ? '…' : ''}`;
}
