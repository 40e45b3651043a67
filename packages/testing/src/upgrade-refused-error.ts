import { AssertionError } from 'node:assert';
import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http';

import { cut } from './show.ts';

/** The server answered the upgrade with an HTTP response instead of a websocket. */
export class UpgradeRefusedError extends AssertionError {
  override readonly name = 'UpgradeRefusedError';
  /** The status of the response, such as 403. */
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** The body of the response, as text. */
  readonly body: string;

  constructor(statusCode: number, headers: IncomingHttpHeaders, body: string) {
    super({
      message: messageOf(statusCode, headers, body),
      actual: { statusCode, headers, body },
      expected: { statusCode: 101 },
    });
    this.statusCode = statusCode;
    this.headers = headers;
    this.body = body;
  }
}

/** A sentence, and the response below it. */
function messageOf(statusCode: number, headers: IncomingHttpHeaders, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${String(value)}`);
  return [
    `The upgrade was refused with ${statusCode}${body === '' ? '' : `: ${cut(body)}`}`,
    '',
    `The response was ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd(),
    ...lines,
  ].join('\n');
}
