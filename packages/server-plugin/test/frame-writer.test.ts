import { legacyServerCodec, modernServerCodec, type NextEnvelope } from '@groupcast/protocol';
import { describe, expect, test } from 'vitest';
import type { TextFrame } from '../src/connection/frame-bytes.ts';
import { FrameWriter } from '../src/connection/frame-writer.ts';

const codecs = { modern: modernServerCodec, legacy: legacyServerCodec };

/** A stream that takes all at once, or keeps all, as it is, until it is looked at. */
class Line {
  readonly isSlow: boolean;
  readonly #kept: Uint8Array[] = [];
  writableLength = 0;
  writes = 0;

  constructor(isSlow: boolean) {
    this.isSlow = isSlow;
  }

  readonly write = (bytes: Uint8Array): boolean => {
    this.writes += 1;
    this.#kept.push(this.isSlow ? bytes : Buffer.from(bytes));
    if (this.isSlow) this.writableLength += bytes.length;
    return !this.isSlow;
  };

  get bytes(): Buffer {
    return Buffer.concat(this.#kept);
  }
}

function next(id: string, resultJson: string): TextFrame {
  return { kind: 'next', id, resultJson, resultBytes: Buffer.byteLength(resultJson) };
}

/** What RFC 6455 wants for a frame. */
function expected(frame: TextFrame, codec: (typeof codecs)[keyof typeof codecs]): Buffer {
  const text = typeof frame === 'string' ? frame : codec.encodeNext(frame.id, frame.resultJson);
  const body = Buffer.from(text);
  const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10);
  head[0] = 0x81;
  head[1] = body.length < 126 ? body.length : body.length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(body.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

function write(
  writer: FrameWriter,
  line: Line,
  frames: readonly TextFrame[],
  envelope: NextEnvelope,
): void {
  const mostBytes = frames
    .map((frame) => expected(frame, codecs.modern).length + 8)
    .reduce((sum, bytes) => sum + bytes, 0);
  const size = { mostBytes, hasBacklog: line.writableLength > 0 };
  expect(writer.write(line, frames, envelope, size)).toBe(!line.isSlow);
}

describe('FrameWriter', () => {
  test('writes all frames of a flush in one piece', () => {
    const line = new Line(false);
    const frames = ['{"type":"connection_ack"}', next('1', '{"data":1}'), next('2', '{"data":2}')];

    write(new FrameWriter(), line, frames, modernServerCodec.nextEnvelope);

    expect(line.writes).toBe(1);
    const bytes = frames.map((frame) => expected(frame, modernServerCodec));
    expect(line.bytes).toEqual(Buffer.concat(bytes));
  });

  test('writes to fast and slow lines in turn what is right for each, and never changes what waits', () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const ids = ['1', '2', '33', '44', 'c0ffee'];
    const results = ['{"data":1}', '{"data":2}', `"${'é'.repeat(40)}"`, `"${'x'.repeat(9_000)}"`];
    const large = [`"${'y'.repeat(65_480)}"`, `"${'€'.repeat(30_000)}"`];
    const pick = (from: readonly string[]): string => from[random(from.length)] ?? '';
    const writer = new FrameWriter();
    const lines = Array.from({ length: 20 }, (_, index) => ({
      line: new Line(index % 5 === 0),
      codec: index % 7 === 3 ? codecs.legacy : codecs.modern,
      bytes: [] as Buffer[],
    }));

    for (let round = 0; round < 300; round += 1) {
      // Rounds of a fan-out, in which most get the same, and others in which nobody does.
      const common = Array.from({ length: 1 + random(4) }, () => pick(results));
      const isFanOut = random(3) > 0;
      if (random(40) === 0) common.push(pick(large));
      for (const { line, codec, bytes } of lines) {
        const own = isFanOut ? common : [pick(results), pick(results)];
        const frames = own.map((result) =>
          random(9) === 0 ? result : next(isFanOut ? pick(ids.slice(0, 2)) : pick(ids), result),
        );
        write(writer, line, frames, codec.nextEnvelope);
        bytes.push(...frames.map((frame) => expected(frame, codec)));
      }
      if (random(5) === 0) writer.forget();
    }

    for (const { line, bytes } of lines) {
      expect(line.bytes.equals(Buffer.concat(bytes))).toBe(true);
    }
  });
});
