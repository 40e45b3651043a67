import {
  MODERN,
  type ServerMessage,
  type Subprotocol,
  serverCodecFor,
  type Violation,
  type WireId,
} from '@groupcast/protocol';

import { allowedCloseCodes } from './allowed-close-codes.ts';
import { type CloseEvent, showClose } from './link.ts';
import { OperationRuns } from './operation-runs.ts';
import type { Frame } from './show-frame.ts';

/** What a server said that it must not say there. */
export interface Breach {
  /** The rule, as a sentence. */
  readonly rule: string;
  /** What happened instead, as the end of that sentence. */
  readonly outcome: string;
  /** What was said: a message or a close. */
  readonly actual: string;
  /** The code, when it is the close that breaks the rule. */
  readonly closeCode?: number;
}

/** A line of the transcript and the message that stands there. */
interface Said {
  readonly frame: Frame;
  readonly line: number;
}

/** Who is told of breaches. */
export interface ConductListener {
  onBreach(breach: Breach): void;
  /** A frame as it stands in the transcript. */
  show(frame: Frame): string;
}

/**
 * Looks whether a server keeps the rules of order of its subprotocol, message by message.
 *
 * It knows only what a client can know. Where messages of both sides may have crossed, it takes the
 * reading that is in the server's favour.
 */
export class Conduct {
  readonly #subprotocol: Subprotocol;
  readonly #onBreach: ConductListener['onBreach'];
  readonly #show: ConductListener['show'];
  readonly #runs = new OperationRuns();
  #initCount = 0;
  #ackLine: number | undefined;
  #pingCount = 0;
  #pongCount = 0;

  constructor(subprotocol: Subprotocol, { onBreach, show }: ConductListener) {
    this.#subprotocol = subprotocol;
    this.#onBreach = onBreach;
    this.#show = show;
  }

  /** Takes note of a frame of the client, which may be anything. */
  sent(frame: Frame): void {
    const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString();
    const message = serverCodecFor(this.#subprotocol).decode(text);
    switch (message.type) {
      case 'connection_init':
        this.#initCount += 1;
        break;
      case 'ping':
        this.#pingCount += 1;
        break;
      case 'subscribe':
        // A legacy server stops what runs under the id, without a word.
        if (this.#subprotocol !== MODERN) this.#runs.stop(message.id);
        this.#runs.start(message.id);
        break;
      case 'complete':
        this.#runs.stop(message.id);
        break;
      case 'violation':
        // A legacy server tells of it by an error, under the id that the message has.
        if (message.answer === 'operation-error') this.#runs.expectRefusal(String(message.id));
        break;
    }
  }

  /** Looks at a message of the server. */
  received(message: ServerMessage | Violation, said: Said): void {
    switch (message.type) {
      case 'connection_ack':
        this.#checkAck(said);
        this.#ackLine ??= said.line;
        break;
      case 'ka':
        this.#checkIsAcknowledged(said);
        break;
      case 'pong':
        this.#checkPong(said);
        break;
      case 'error':
        if (!this.#runs.takeRefusal(String(message.id))) this.#checkOperation(message, said);
        break;
      case 'next':
      case 'complete':
        this.#checkOperation(message, said);
        break;
    }
  }

  /** Looks at a close that the server began. */
  closed(event: CloseEvent): void {
    if (allowedCloseCodes(this.#subprotocol).has(event.code)) return;
    this.#onBreach({
      rule: 'a server closes with a code that the subprotocol knows',
      outcome: `it closed with ${showClose(event)}`,
      actual: `close ${showClose(event)}`,
      closeCode: event.code,
    });
  }

  /**
   * Marks where the client is in what it sends. For a server that answers in order.
   *
   * @returns to be called when the server has read and answered all up to there
   */
  mark(): () => void {
    const pings = this.#pingCount;
    // Before the ack a legacy server may hold what it was sent, so nothing is known of that.
    const stopped = this.#ackLine === undefined ? [] : this.#runs.stopped();
    return () => {
      for (const run of stopped) this.#runs.endStopped(run, this.#subprotocol);
      if (this.#pongCount >= pings) return;
      this.#onBreach({
        rule: 'each ping is answered by one pong',
        outcome: `${pings} had been sent and ${this.#pongCount} answered when later ones were`,
        actual: `${this.#pongCount} pongs`,
      });
    };
  }

  #checkAck(said: Said): void {
    const rule = 'connection_ack answers connection_init, once';
    if (this.#ackLine !== undefined) {
      this.#report(rule, said, `is a second one after line ${this.#ackLine}`);
    } else if (this.#initCount === 0) {
      this.#report(rule, said, 'came before any connection_init');
    }
  }

  #checkPong(said: Said): void {
    this.#pongCount += 1;
    if (this.#pongCount <= this.#pingCount) return;
    const pings = this.#pingCount === 0 ? 'no ping' : `no more than ${this.#pingCount}`;
    this.#report('each ping is answered by one pong', said, `came when ${pings} had been sent`);
  }

  #checkIsAcknowledged(said: Said): boolean {
    if (this.#ackLine !== undefined) return true;
    this.#report('connection_ack comes first', said, 'came before it');
    return false;
  }

  #checkOperation({ type, id }: { readonly type: string; readonly id: WireId }, said: Said): void {
    const wrong = this.#runs.take(String(id), { isEnding: type !== 'next', line: said.line });
    // A legacy server may refuse what comes before the ack by an error.
    const mayComeEarly = type === 'error' && this.#subprotocol !== MODERN;
    if (!mayComeEarly && !this.#checkIsAcknowledged(said)) return;
    switch (wrong?.reason) {
      case undefined:
        return;
      case 'unknown':
        return this.#report('each id is one that the client has started', said, 'has another');
      case 'ended': {
        const rule = 'nothing comes for an operation after its end';
        return this.#report(rule, said, `came after the end in line ${wrong.line}`);
      }
      case 'stopped': {
        const rule = 'results come only for operations that run';
        return this.#report(rule, said, 'came when the server had read that it is stopped');
      }
      default:
        return wrong satisfies never;
    }
  }

  #report(rule: string, { frame, line }: Said, what: string): void {
    this.#onBreach({ rule, outcome: `line ${line} ${what}`, actual: this.#show(frame) });
  }
}
