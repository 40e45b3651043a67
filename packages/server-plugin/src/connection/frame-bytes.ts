import type { NextEnvelope, WireId } from '@groupcast/protocol';

/** The result of one operation, whose id needs no escaping. */
export interface NextFrame {
  readonly kind: 'next';
  readonly id: string;
  readonly resultJson: string;
  readonly resultBytes: number;
}

/** A text frame: its text, or what its text is made of. */
export type TextFrame = string | NextFrame;

/** The largest head of a server's frame. */
export const FRAME_HEAD_BYTES = 10;

/** FIN and the opcode of text. */
const TEXT = 0x81;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [FIRST_PRINTABLE, LAST_PRINTABLE] = [0x20, 0x7e];

/** Up to this length a loop over characters is faster than a call out of JavaScript. */
const SHORT_TEXT = 64;

/** Whether an id stands in JSON as it is, but for its quotes. Ids that are long are none. */
export function isPlainId(id: WireId): id is string {
  if (typeof id !== 'string' || id.length > SHORT_TEXT) return false;
  for (let at = 0; at < id.length; at += 1) {
    const code = id.charCodeAt(at);
    if (code < FIRST_PRINTABLE || code > LAST_PRINTABLE) return false;
    if (code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}

/** The bytes of a `next` message, without the head of its frame. */
export function nextBytes(envelope: NextEnvelope, { id, resultBytes }: NextFrame): number {
  return envelope.beforeId.length + 1 + id.length + bytesAfterId(envelope, resultBytes);
}

/** The bytes from the quote that ends the id on. */
function bytesAfterId({ beforeResult, end }: NextEnvelope, resultBytes: number): number {
  return 1 + beforeResult.length + resultBytes + end.length;
}

/**
 * Writes one frame.
 *
 * @returns where it ends; the bytes must have room for it
 */
export function writeFrame(
  bytes: Buffer,
  start: number,
  frame: TextFrame,
  envelope: NextEnvelope,
): number {
  if (typeof frame === 'string') {
    const length = Buffer.byteLength(frame);
    return writeText(bytes, writeHead(bytes, start, length), frame, length);
  }
  let at = writeHead(bytes, start, nextBytes(envelope, frame));
  at = writeAscii(bytes, at, envelope.beforeId);
  bytes[at] = QUOTE;
  at = writeAscii(bytes, at + 1, frame.id);
  bytes[at] = QUOTE;
  at = writeAscii(bytes, at + 1, envelope.beforeResult);
  at = writeText(bytes, at, frame.resultJson, frame.resultBytes);
  return writeAscii(bytes, at, envelope.end);
}

/** Writes the id of a frame over the one of another frame that is the same but for the id. */
export function replaceId(
  bytes: Buffer,
  end: number,
  { id, resultBytes }: NextFrame,
  envelope: NextEnvelope,
): void {
  writeAscii(bytes, end - bytesAfterId(envelope, resultBytes) - id.length, id);
}

/** The head of a frame that is not masked, as RFC 6455 has it in section 5.2. */
function writeHead(bytes: Buffer, at: number, length: number): number {
  bytes[at] = TEXT;
  if (length < 126) {
    bytes[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    bytes[at + 1] = 126;
    return bytes.writeUInt16BE(length, at + 2);
  }
  bytes[at + 1] = 127;
  return bytes.writeBigUInt64BE(BigInt(length), at + 2);
}

function writeText(bytes: Buffer, at: number, text: string, length: number): number {
  bytes.write(text, at, length === text.length ? 'latin1' : 'utf8');
  return at + length;
}

function writeAscii(bytes: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}
