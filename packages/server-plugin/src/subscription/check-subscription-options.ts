import leven from 'leven';
import { SubscriptionInvalidError } from '../errors.ts';

interface Rule {
  readonly expected: string;
  isMet(value: unknown): boolean;
}

const isFunction: Rule = {
  expected: 'a function',
  isMet: (value) => typeof value === 'function',
};

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['subscribe', isFunction],
  ['filter', isFunction],
  ['publish', isFunction],
  ['initial', isFunction],
  ['unsubscribed', isFunction],
  ['shareBy', { expected: 'an object with the functions "key" and "context"', isMet: isObject }],
  ['share', { expected: 'a boolean', isMet: (value) => typeof value === 'boolean' }],
  ['queueLimit', { expected: 'a positive integer', isMet: isPositiveInteger }],
  [
    'overflow',
    {
      expected: '"drop-oldest" or "end"',
      isMet: (value) => value === 'drop-oldest' || value === 'end',
    },
  ],
]);

const shareByRules: ReadonlyMap<string, Rule> = new Map([
  ['key', isFunction],
  ['context', isFunction],
]);

/**
 * Checks what was given to `defineSubscription`. Options that are undefined count as absent.
 *
 * @throws `GROUPCAST_ERR_SUBSCRIPTION_INVALID` for the first wrong or unknown option
 */
export function checkSubscriptionOptions(options: unknown): void {
  if (!isObject(options)) {
    throw new SubscriptionInvalidError(`its options must be an object, got ${kindOf(options)}`);
  }
  const prototype: unknown = Object.getPrototypeOf(options);
  if (prototype !== Object.prototype && prototype !== null) {
    // What a class holds on its prototype, a filter for example, would be overlooked.
    throw new SubscriptionInvalidError('its options must be a plain object, not an instance');
  }
  checkKeys(options, rules, '');
  requireKeys(options, ['subscribe'], rules, '');
  if (isObject(options['shareBy'])) {
    checkKeys(options['shareBy'], shareByRules, 'shareBy.');
    requireKeys(options['shareBy'], ['key', 'context'], shareByRules, 'shareBy.');
  }
}

function checkKeys(
  options: Readonly<Record<string, unknown>>,
  known: ReadonlyMap<string, Rule>,
  prefix: string,
): void {
  for (const [key, value] of Object.entries(options)) {
    const rule = known.get(key);
    if (rule === undefined) {
      throw new SubscriptionInvalidError(
        `option "${prefix}${key}" is unknown, the nearest known one is "${prefix}${nearest(key, known)}"`,
      );
    }
    if (value !== undefined && !rule.isMet(value)) throw wrong(prefix + key, rule, value);
  }
}

function requireKeys(
  options: Readonly<Record<string, unknown>>,
  required: readonly string[],
  known: ReadonlyMap<string, Rule>,
  prefix: string,
): void {
  for (const key of required) {
    const rule = known.get(key);
    if (rule !== undefined && options[key] === undefined)
      throw wrong(prefix + key, rule, undefined);
  }
}

function wrong(key: string, rule: Rule, value: unknown): Error {
  return new SubscriptionInvalidError(
    `option "${key}" must be ${rule.expected}, got ${kindOf(value)}`,
  );
}

function nearest(key: string, known: ReadonlyMap<string, Rule>): string {
  const [first = ''] = [...known.keys()].sort((a, b) => leven(key, a) - leven(key, b));
  return first;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return Array.isArray(value) ? 'an array' : typeof value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPositiveInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
