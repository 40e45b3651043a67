import { readFileSync } from 'node:fs';

/** One frame of a fixture: as JSON whose keys stand in the order of the wire, or as text where JSON can't show it. */
interface Framed {
  readonly title: string;
  readonly frame?: unknown;
  readonly text?: string;
}

export interface FrameCase<Message> extends Framed {
  readonly message: Message;
}

export interface ViolationCase extends Framed {
  readonly violation: { readonly answer: string; readonly id?: unknown; readonly reason: string };
}

export interface Fixtures<Message> {
  /** What one end writes, byte for byte, and the other reads. */
  readonly exchanged: readonly FrameCase<Message>[];
  /** What is read, though nothing of ours writes it. */
  readonly tolerated: readonly FrameCase<Message>[];
  /** What is refused. */
  readonly violations: readonly ViolationCase[];
}

/** Reads `fixtures/<name>.json`, which is named after the sender of its frames. */
export function readFixtures<Message>(name: string): Fixtures<Message> {
  const path = new URL(`./fixtures/${name}.json`, import.meta.url);
  const fixtures: Fixtures<Message> = JSON.parse(readFileSync(path, 'utf8'));
  return fixtures;
}

export function frameText({ frame, text }: Framed): string {
  return text ?? JSON.stringify(frame);
}
