/** As much of RFC 6455 as a client needs that must cost less than the servers it measures. */

export const TEXT = 0x1;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

const MASK = [0x37, 0xfa, 0x21, 0x3d];

/**
 * @param {number} opcode
 * @param {string} text - up to 65,535 bytes
 */
export function encodeFrame(opcode, text) {
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 6 : 8;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x80 | opcode;
  if (length < 126) {
    frame[1] = 0x80 | length;
  } else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  for (let index = 0; index < 4; index += 1) frame[head - 4 + index] = MASK[index];
  frame.write(text, head);
  for (let index = 0; index < length; index += 1) frame[head + index] ^= MASK[index & 3];
  return frame;
}

/**
 * Finds the frames in what a server sent; unfinished ones are kept for the next read.
 *
 * @param {(opcode: number, buffer: Buffer, start: number, end: number) => void} onFrame - must have
 *   read the bytes when it returns
 */
export function createFrameReader(onFrame) {
  /** @type {Buffer | undefined} */
  let rest;

  return function read(/** @type {Buffer} */ chunk, /** @type {number} */ chunkEnd) {
    const whole = rest === undefined;
    const buffer = whole ? chunk : Buffer.concat([rest, chunk.subarray(0, chunkEnd)]);
    const end = whole ? chunkEnd : buffer.length;
    rest = undefined;
    let at = 0;
    while (end - at >= 2) {
      let length = buffer[at + 1] & 0x7f;
      let start = at + 2;
      if (length === 126) {
        if (end - at < 4) break;
        length = buffer.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        throw new Error('A frame of more than 65,535 bytes');
      }
      if (end - start < length) break;
      if ((buffer[at] & 0x80) === 0) throw new Error('A fragmented message');
      onFrame(buffer[at] & 0x0f, buffer, start, start + length);
      at = start + length;
    }
    // The chunk's memory is used again for the next read.
    if (at < end) rest = Buffer.from(buffer.subarray(at, end));
  };
}
