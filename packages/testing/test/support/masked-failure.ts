/** A failure's text in which the times, which differ from run to run, are hidden. */
export async function failureOf(expectation: Promise<unknown>): Promise<string> {
  const error = await expectation.then(
    () => new Error('the expectation came true'),
    (reason: unknown) => reason,
  );
  return masked(error instanceof Error ? error.message : String(error));
}

/** A transcript in which the times are hidden. */
export function masked(transcript: string): string {
  return transcript.replaceAll(/ +\d+\.\d ms {2}/g, '  ? ms  ');
}
