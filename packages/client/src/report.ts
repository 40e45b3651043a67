/**
 * Calls a function of the app. What it throws is the app's own mistake: kept away from whoever
 * called it, and reported by the platform as an unhandled rejection.
 */
export async function callApp(fn: () => void): Promise<void> {
  fn();
}
