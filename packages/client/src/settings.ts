import { modernClientCodec } from '@groupcast/protocol';
import { randomDelayMs } from './back-off.ts';
import { ClientError } from './errors.ts';
import type { ClientOptions, KeepAliveOptions } from './options.ts';

/** Options that are absent when they are not given: nothing stands for them. */
type Optional = 'url' | 'params' | 'webSocket';

/** The options of a client, with every default. */
export type Settings = Pick<ClientOptions, Optional> &
  Required<Omit<ClientOptions, Optional | 'keepAlive'>> &
  Required<KeepAliveOptions>;

/** Fills in the defaults; the options are read once. */
export function settingsOf({ keepAlive, ...options }: ClientOptions): Settings {
  return {
    protocols: [modernClientCodec],
    connectTimeoutMs: 10_000,
    queueTimeoutMs: 30_000,
    idleCloseMs: 3_000,
    retryAttempts: Infinity,
    retryDelayMs: randomDelayMs,
    print() {
      throw new ClientError('DOCUMENT_INVALID', 'See the option `print`');
    },
    intervalMs: 12_000,
    timeoutMs: 5_000,
    kaTimeoutMs: 30_000,
    ...(keepAlive === false ? { intervalMs: Infinity, kaTimeoutMs: Infinity } : keepAlive),
    ...options,
  };
}
