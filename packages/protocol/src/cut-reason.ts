/** What RFC 6455 leaves of a control frame's 125 bytes after the close code. */
const REASON_BYTES = 123;

const REPLACEMENT = '\uFFFD';

/**
 * Cuts a text to what fits into a close frame: 123 bytes of UTF-8, on a character boundary.
 *
 * Lone surrogates become U+FFFD, as they do on the wire. Reads no more of a long text than it keeps.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.5
 */
export function cutReason(text: string): string {
  let reason = '';
  let bytes = 0;
  // By hand, because neither TextEncoder nor Buffer is there in every runtime's types.
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    bytes += utf8Length(codePoint);
    if (bytes > REASON_BYTES) break;
    reason += isSurrogate(codePoint) ? REPLACEMENT : character;
  }
  return reason;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** Iterating a string joins pairs, so a surrogate that is met alone has no partner. */
function isSurrogate(codePoint: number): boolean {
  return codePoint >= 0xd800 && codePoint <= 0xdfff;
}
