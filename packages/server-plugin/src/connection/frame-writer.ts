import type { Writable } from 'node:stream';
import type { NextEnvelope } from '@groupcast/protocol';
import { replaceId, type TextFrame, writeFrame } from './frame-bytes.ts';

/**
 * The memory that frames are put together in. A client that reads slowly holds one at most: all
 * that follows has memory of its own.
 */
const SLAB_BYTES = 65_536;

const NO_BYTES = Buffer.alloc(0);

/**
 * Puts the frames of one flush together and writes them to a stream, in one piece.
 *
 * What the system has taken by the end of the write leaves its memory to the next flush, and most
 * flushes of a fan-out are the same but for the ids: then only those are written anew.
 */
export class FrameWriter {
  #slab: Buffer = NO_BYTES;
  /** Where in the slab free memory begins, and the frames of the last flush still stand. */
  #start = 0;
  #frames: TextFrame[] = [];
  /** Where each of them ends. */
  #ends: number[] = [];
  #envelope: NextEnvelope | undefined;
  #piece: Buffer = NO_BYTES;
  #measured = '';
  #measuredBytes = 0;

  /** The length of a text in UTF-8; many subscribers in a row ask for that of the same. */
  byteLength(text: string): number {
    // Not kept: nobody may come to make it forget.
    if (text.length > SLAB_BYTES) return Buffer.byteLength(text);
    if (text !== this.#measured) {
      this.#measured = text;
      this.#measuredBytes = Buffer.byteLength(text);
    }
    return this.#measuredBytes;
  }

  /**
   * Writes frames.
   *
   * @param mostBytes - how many they have, or more
   * @returns whether the system has taken them, and all that was written before
   */
  write(
    stream: Pick<Writable, 'write' | 'writableLength'>,
    frames: readonly TextFrame[],
    envelope: NextEnvelope,
    { mostBytes, hasBacklog }: { readonly mostBytes: number; readonly hasBacklog: boolean },
  ): boolean {
    // What has to wait would hold a whole slab.
    if (hasBacklog || mostBytes > SLAB_BYTES) {
      stream.write(alone(frames, envelope, mostBytes));
      return stream.writableLength === 0;
    }
    if (this.#start + mostBytes > this.#slab.length) this.#renewSlab();
    const end = this.#put(frames, envelope);
    if (this.#piece.length !== end - this.#start) {
      this.#piece = this.#slab.subarray(this.#start, end);
    }
    stream.write(this.#piece);
    const isTaken = stream.writableLength === 0;
    if (!isTaken) this.#leave(end);
    return isTaken;
  }

  /** Forgets the texts that it knows. */
  forget(): void {
    this.#frames = [];
    this.#measured = '';
    this.#measuredBytes = 0;
  }

  #renewSlab(): void {
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#leave(0);
  }

  /** Goes on at another place: the stream needs what is here. */
  #leave(start: number): void {
    this.#start = start;
    this.#frames = [];
    this.#piece = NO_BYTES;
  }

  /** Puts frames at the start, and tells where they end. */
  #put(frames: readonly TextFrame[], envelope: NextEnvelope): number {
    let end = this.#start;
    let isSame = envelope === this.#envelope;
    this.#envelope = envelope;
    let index = 0;
    for (const frame of frames) {
      const standing = this.#frames[index];
      isSame &&= standing !== undefined && differInId(standing, frame);
      if (isSame) {
        end = this.#ends[index] ?? end;
        if (typeof frame !== 'string') replaceId(this.#slab, end, frame, envelope);
      } else {
        end = writeFrame(this.#slab, end, frame, envelope);
        this.#frames[index] = frame;
        this.#ends[index] = end;
      }
      index += 1;
    }
    if (!isSame) this.#frames.length = frames.length;
    return end;
  }
}

/** The frames in memory of their own. */
function alone(frames: readonly TextFrame[], envelope: NextEnvelope, mostBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(mostBytes);
  let end = 0;
  for (const frame of frames) end = writeFrame(bytes, end, frame, envelope);
  return bytes.subarray(0, end);
}

/** Whether two frames are the same but for ids of the same length. */
function differInId(one: TextFrame, other: TextFrame): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.id.length === other.id.length && one.resultJson === other.resultJson;
}
