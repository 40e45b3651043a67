/**
 * One step into a payload: a key of an object, an index of an array, or an entry of a Map or Set.
 */
export type PathStep =
  | string
  | number
  | { readonly part: 'keys' | 'values'; readonly index: number };

const MAX_STEPS = 12;
const MAX_KEY_LENGTH = 40;

/**
 * Writes a path as code would: `payload.author["full name"].tags[2]`. Entries of a Map read
 * `.keys[2]` and `.values[2]`.
 */
export function describePath(steps: readonly PathStep[]): string {
  const shown = steps.slice(0, MAX_STEPS).map(describeStep).join('');
  return steps.length > MAX_STEPS ? `payload${shown}…` : `payload${shown}`;
}

function describeStep(step: PathStep): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'object') return `.${step.part}[${step.index}]`;
  if (step.length > MAX_KEY_LENGTH)
    return `[${JSON.stringify(`${step.slice(0, MAX_KEY_LENGTH)}…`)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
