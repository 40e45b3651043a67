import type { Sample } from './documents.ts';
import { type Frame, frameOf } from './frame.ts';

/** How many frames are kept: two minutes. */
const FRAMES = 120;
/** Milliseconds after which a process that says nothing is taken for gone. */
const SILENT_MS = 4_000;
/** Samples of several processes that come within so many milliseconds are one frame. */
const FRAME_MS = 700;

/** What is known of the server. */
export interface History {
  /** The latest sample of each process. */
  readonly samples: readonly Sample[];
  /** The oldest first. */
  readonly frames: readonly Frame[];
}

export const EMPTY: History = { samples: [], frames: [] };

/** Takes a sample in. */
export function withSample({ samples, frames }: History, sample: Sample): History {
  const now = sample.sentAt;
  const present = samples
    .filter(({ process, sentAt }) => process !== sample.process && now - sentAt < SILENT_MS)
    .concat(sample)
    .sort((a, b) => a.process - b.process);
  const last = frames.at(-1);
  // The first sample of a moment gives its time, the others are added.
  const isSameMoment = last !== undefined && now - last.at * 1_000 < FRAME_MS;
  const before = isSameMoment ? frames.slice(0, -1) : frames.slice(-(FRAMES - 1));
  return {
    samples: present,
    frames: [...before, frameOf(present, isSameMoment ? last.at * 1_000 : now)],
  };
}
