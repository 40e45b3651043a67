import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seeded } from '../../../client/test/support/seeded.ts';
import type { Sent } from './fault-account.ts';
import type { WorkerProcess } from './server-process.ts';

/** The messages of one publisher to one room. */
interface Line {
  readonly publisher: WorkerProcess;
  readonly room: string;
  last: number;
  readonly rejected: Set<number>;
}

/** Rooms in which all publishers speak all the time. */
export const busyRooms: readonly string[] = ['red', 'blue'];

/** A room in which nobody says a word after the fault: what is lost of the last ones must be told too. */
export const quietRoom = 'quiet';

/** Broadcasts of all processes, numbered by them, at moments that a seed decides. */
export class FaultTraffic {
  readonly #publishers: readonly WorkerProcess[];
  readonly #lines = new Map<string, Line>();
  readonly #reports: Promise<void>[] = [];
  readonly #loops: Promise<void>[];
  /** What a publisher could not even be asked. */
  readonly faults: string[] = [];
  #isStopped = false;
  #isQuiet = false;

  constructor(publishers: readonly WorkerProcess[], seed: number) {
    this.#publishers = publishers;
    this.#loops = publishers.map((each, index) => this.#speak(each, seeded(seed * 100 + index)));
  }

  /** What was sent so far to some rooms. */
  sentTo(rooms: readonly string[]): readonly Sent[] {
    const lines = [...this.#lines.values()].filter(({ room }) => rooms.includes(room));
    return lines.map(({ publisher, room, last, rejected }) => {
      return { author: publisher.author, room, last, rejected };
    });
  }

  get rejected(): number {
    return [...this.#lines.values()].reduce((sum, { rejected }) => sum + rejected.size, 0);
  }

  /** Each publisher says so much to a room, in one turn; resolves when all of it was taken or rejected. */
  async burst(room: string, times: number, text: string): Promise<void> {
    await Promise.all(this.#publishers.map((each) => this.#say(each, room, times, text)));
  }

  /** From now on nobody speaks in the quiet room. */
  fallSilent(): void {
    this.#isQuiet = true;
  }

  /** Resolves when all that was said was taken or rejected. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
    await Promise.all(this.#reports);
  }

  async #speak(publisher: WorkerProcess, random: Random): Promise<void> {
    while (!this.#isStopped) {
      const times = random() < 0.1 ? 5 : 1;
      const rooms = this.#isQuiet ? busyRooms : [...busyRooms, quietRoom];
      for (const room of rooms) this.#reports.push(this.#say(publisher, room, times, ''));
      await sleep(40 + 80 * random());
    }
  }

  async #say(publisher: WorkerProcess, room: string, times: number, text: string): Promise<void> {
    const line = this.#lineOf(publisher, room);
    line.last += times;
    try {
      const { failures } = await publisher.broadcast({ group: room, times, text });
      for (const { seq } of failures) line.rejected.add(seq);
    } catch (error) {
      this.faults.push(String(error));
    }
  }

  #lineOf(publisher: WorkerProcess, room: string): Line {
    const key = `${publisher.author} ${room}`;
    const line = this.#lines.get(key) ?? { publisher, room, last: 0, rejected: new Set<number>() };
    this.#lines.set(key, line);
    return line;
  }
}
