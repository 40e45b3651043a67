import { afterMs, now } from '../real-timers.ts';

/** How the server's line is for now; all connections share it. */
export interface Line {
  /** Milliseconds that each message takes. */
  delayMs: number;
  /** Does nothing leave any more? */
  isStalled: boolean;
}

interface Waiting {
  readonly frame: string;
  readonly dueAt: number;
}

/** The messages of one connection on their way out: in order, late, or held. */
export class Outbox {
  readonly #line: Line;
  readonly #write: (frame: string) => void;
  readonly #waiting: Waiting[] = [];
  #cancel: (() => void) | undefined;

  constructor(line: Line, write: (frame: string) => void) {
    this.#line = line;
    this.#write = write;
  }

  send(frame: string): void {
    this.#waiting.push({ frame, dueAt: now() + this.#line.delayMs });
    this.pump();
  }

  /** Writes what is due, unless the line is stalled. */
  pump(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#line.isStalled) return;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const restMs = next.dueAt - now();
      if (restMs > 0) {
        this.#cancel = afterMs(Math.ceil(restMs), () => this.pump());
        return;
      }
      this.#waiting.shift();
      this.#write(next.frame);
    }
  }

  /** Nothing more is sent: what waits leaves now, or is lost with a line that is cut or stalled. */
  end(isCut: boolean): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const rest = this.#waiting.splice(0);
    if (isCut || this.#line.isStalled) return;
    for (const { frame } of rest) this.#write(frame);
  }
}
