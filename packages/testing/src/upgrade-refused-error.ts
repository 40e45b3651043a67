import type { IncomingHttpHeaders } from 'node:http';

import { cut } from './show.ts';

/** The server answered the upgrade with an HTTP response instead of a websocket. */
export class UpgradeRefusedError extends Error {
  override readonly name = 'UpgradeRefusedError';
  /** The status of the response, such as 403. */
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** The body of the response, as text. */
  readonly body: string;

  constructor(statusCode: number, headers: IncomingHttpHeaders, body: string) {
    super(`The upgrade was refused with ${statusCode}${body === '' ? '' : `: ${cut(body)}`}`);
    this.statusCode = statusCode;
    this.headers = headers;
    this.body = body;
  }
}
