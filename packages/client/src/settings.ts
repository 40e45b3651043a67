import { modernClientCodec } from '@groupcast/protocol';
import { randomDelayMs } from './back-off.ts';
import { ClientError } from './errors.ts';
import type { ClientOptions, KeepAliveOptions } from './options.ts';
import { callApp } from './report.ts';

/** Options that are absent when they are not given: nothing stands for them. */
type Optional = 'url' | 'params' | 'webSocket';

/** The options of a client, with every default. */
export type Settings = Pick<ClientOptions, Optional> &
  Required<Omit<ClientOptions, Optional | 'keepAlive'>> &
  Required<KeepAliveOptions>;

/** Signs of life are never asked for. */
const NO_KEEP_ALIVE = { intervalMs: Infinity, timeoutMs: Infinity, kaTimeoutMs: Infinity };

/** Fills in the defaults; the options are read once. */
export function settingsOf({ keepAlive, ...options }: ClientOptions): Settings {
  return {
    protocols: [modernClientCodec],
    connectTimeoutMs: 10_000,
    queueTimeoutMs: 30_000,
    idleCloseMs: 3_000,
    retryAttempts: Infinity,
    print() {
      throw new ClientError('DOCUMENT_INVALID', 'See the option `print`');
    },
    intervalMs: 12_000,
    timeoutMs: 5_000,
    kaTimeoutMs: 30_000,
    ...(keepAlive === false ? NO_KEEP_ALIVE : given(keepAlive ?? {})),
    ...given(options),
    retryDelayMs(attempt) {
      let wanted: number | undefined;
      void callApp(() => {
        wanted = options.retryDelayMs?.(attempt);
      });
      return wanted !== undefined && wanted >= 0 ? wanted : randomDelayMs(attempt);
    },
  };
}

/** Options without those that are undefined: they would hide the defaults. */
function given<T extends object>(options: T): T {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
