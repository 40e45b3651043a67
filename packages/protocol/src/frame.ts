import { describe, isJsonObject, quote } from './field-checks.ts';
import type { JsonObject } from './messages.ts';

/**
 * Reads a frame as far as both subprotocols agree: the text of a JSON object.
 *
 * @returns the object, of which nothing is checked yet, or the sentence that says what is wrong
 */
export function parseFrame(frame: unknown): JsonObject | string {
  if (typeof frame !== 'string') return 'Message must be a text frame, got a binary frame';
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return `Message must be JSON, got ${quote(frame)}`;
  }
  return isJsonObject(value) ? value : `Message must be a JSON object, got ${describe(value)}`;
}
