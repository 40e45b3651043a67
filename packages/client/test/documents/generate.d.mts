/** Makes every file anew, as a map from its name below `generated/` to its text. */
export function generate(): Promise<Map<string, string>>;
