import type { FastifyBaseLogger } from 'fastify';

/** One line that was logged. */
export interface LogLine {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly details: Record<string, unknown>;
  readonly message: string;
}

/** A real logger for Fastify that keeps its lines, so that a test can look at them. */
export function recordingLogger(): {
  readonly logger: FastifyBaseLogger;
  readonly lines: readonly LogLine[];
} {
  const lines: LogLine[] = [];
  const write =
    (level: LogLine['level']) =>
    (first: unknown, second?: unknown): void => {
      const hasDetails = typeof first === 'object' && first !== null;
      lines.push({
        level,
        details: hasDetails ? { ...first } : {},
        message: String(hasDetails ? (second ?? '') : first),
      });
    };
  const logger: FastifyBaseLogger = {
    level: 'trace',
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    trace: write('trace'),
    silent: () => undefined,
    child: () => logger,
  };
  return { logger, lines };
}
