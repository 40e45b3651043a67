/**
 * Calls back when the platform says that the network is back or the page is seen again (true), and
 * that the network is gone (false); the result stops that. Some platforms say nothing.
 */
export function watchEnvironment(onChange: (isBack: boolean) => void): () => void {
  const watching = new AbortController();
  const back = (): void => onChange(true);
  globalThis.addEventListener?.('online', back, watching);
  globalThis.addEventListener?.('offline', () => onChange(false), watching);
  const { document } = globalThis;
  document?.addEventListener('visibilitychange', () => document.hidden || back(), watching);
  return () => watching.abort();
}

/** Whether the platform says that there is no network. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}
