import type { BrokerLog } from '../../src/broker/broker.ts';

/** One line of a {@link RecordedLog}. */
export interface LogLine {
  readonly level: 'error' | 'warn' | 'debug';
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps its lines, so that a test can read them. */
export class RecordedLog implements BrokerLog {
  readonly lines: LogLine[] = [];

  error(details: object, message: string): void {
    this.lines.push({ level: 'error', details: { ...details }, message });
  }

  warn(details: object, message: string): void {
    this.lines.push({ level: 'warn', details: { ...details }, message });
  }

  debug(details: object, message: string): void {
    this.lines.push({ level: 'debug', details: { ...details }, message });
  }

  /** The messages of one level, in order. */
  messages(level: LogLine['level']): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }
}
