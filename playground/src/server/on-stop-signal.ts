/** The parts of Node's `process` that signals come from. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** Milliseconds in which signals count as one: npm passes on the Ctrl+C that the terminal sends too. */
const ONE_SIGNAL_MS = 500;

/** Calls `close` at the first SIGINT or SIGTERM, and `endNow` when somebody insists. */
export function onStopSignal(process: SignalSource, close: () => void, endNow: () => void): void {
  let firstAt: number | undefined;
  const receive = (): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      close();
    } else if (now - firstAt > ONE_SIGNAL_MS) {
      endNow();
    }
  };
  process.on('SIGINT', receive);
  process.on('SIGTERM', receive);
}
