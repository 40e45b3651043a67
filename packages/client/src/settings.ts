import { modernClientCodec } from '@groupcast/protocol';
import { randomDelayMs } from './back-off.ts';
import type { ClientOptions, KeepAliveOptions } from './options.ts';
import { callApp } from './report.ts';

/** Options that are absent when they are not given: nothing stands for them. */
type Optional = 'url' | 'params' | 'webSocket';

/** The options of a client, with every default. */
export type Settings = Pick<ClientOptions, Optional> &
  Required<Omit<ClientOptions, Optional | 'keepAlive'>> &
  Required<KeepAliveOptions>;

/** Fills in the defaults; the options are read once. */
export function settingsOf({
  protocols = [modernClientCodec],
  connectTimeoutMs = 10_000,
  queueTimeoutMs = 30_000,
  idleCloseMs = 3_000,
  retryAttempts = Infinity,
  retryDelayMs = randomDelayMs,
  print = () => {
    throw Error('See the option `print`');
  },
  keepAlive = {},
  ...others
}: ClientOptions): Settings {
  // Without keep-alive these times never come.
  const patience = keepAlive ? 1 : Infinity;
  const { intervalMs = 12_000, timeoutMs = 5_000, kaTimeoutMs = 30_000 } = keepAlive || {};
  return {
    ...others,
    protocols,
    connectTimeoutMs,
    queueTimeoutMs,
    idleCloseMs,
    retryAttempts,
    print,
    intervalMs: intervalMs * patience,
    timeoutMs: timeoutMs * patience,
    kaTimeoutMs: kaTimeoutMs * patience,
    retryDelayMs(attempt) {
      let wanted = Number.NaN;
      void callApp(() => {
        wanted = retryDelayMs(attempt);
      });
      return wanted >= 0 ? wanted : randomDelayMs(attempt);
    },
  };
}
