/**
 * The timers of the runtime, taken when this module is loaded: a test that fakes timers later
 * neither hangs an expectation nor makes it time out.
 */
const { setTimeout, clearTimeout, setImmediate } = globalThis;
const clock = performance.now.bind(performance);

/** Runs a function after so many real milliseconds; the returned function takes that back. */
export function afterMs(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Runs a function in a later turn of the event loop, as input from a real socket would. */
export function onNextTurn(run: () => void): void {
  setImmediate(run);
}

/** Real milliseconds since some moment in the past. */
export function now(): number {
  return clock();
}

/** Is `setTimeout` another one than when this module was loaded? */
export function areTimersFaked(): boolean {
  return globalThis.setTimeout !== setTimeout;
}
