/**
 * The timers of the runtime, taken when this module is loaded: a test that fakes timers later
 * neither hangs an expectation nor makes it time out.
 */
const { setTimeout, clearTimeout, setImmediate, clearImmediate } = globalThis;
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

type Immediates = Pick<typeof globalThis, 'setImmediate' | 'clearImmediate'>;

let waiterCount = 0;
let fakedImmediates: Immediates | undefined;

/**
 * Lets `setImmediate` be the real one until a promise has settled, also when timers are faked.
 *
 * Servers, and the package mqemitter before all, use it to go on in the next turn, not to let time
 * pass: what a test waits for would never come.
 */
export async function withRealImmediates<T>(run: () => Promise<T>): Promise<T> {
  waiterCount += 1;
  if (areTimersFaked() && globalThis.setImmediate !== setImmediate) {
    const { setImmediate: faked, clearImmediate: clearFaked } = globalThis;
    fakedImmediates = { setImmediate: faked, clearImmediate: clearFaked };
    Object.assign(globalThis, { setImmediate, clearImmediate });
  }
  try {
    return await run();
  } finally {
    waiterCount -= 1;
    if (waiterCount === 0) fakeImmediatesAgain();
  }
}

function fakeImmediatesAgain(): void {
  const faked = fakedImmediates;
  fakedImmediates = undefined;
  // Unless the test has changed its timers meanwhile.
  if (faked && areTimersFaked() && globalThis.setImmediate === setImmediate) {
    Object.assign(globalThis, faked);
  }
}

const { nextTick } = process;
const { queueMicrotask } = globalThis;

/** Throws when what Node or the app's libraries can't go on without is faked. */
export function assertTicksAreReal(): void {
  if (isFaked(process.nextTick, nextTick)) throw tickFaked('process.nextTick');
  if (isFaked(globalThis.queueMicrotask, queueMicrotask)) throw tickFaked('queueMicrotask');
}

/** @param known - what it was when this module was loaded, which may have been after the faking */
function isFaked(current: object, known: object): boolean {
  return current !== known || 'clock' in current;
}

function tickFaked(name: string): Error {
  return new Error(
    `Cannot use the connection: ${name} is faked, and streams stand still without it. Fake other timers only: vi.useFakeTimers() without toFake, or jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] })`,
  );
}
