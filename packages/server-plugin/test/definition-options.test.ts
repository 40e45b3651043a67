import { defineSubscription } from '@groupcast/fastify';
import { describe, expect, test } from 'vitest';

const subscribe = (): string => 'all';

/** As an app in JavaScript calls it. */
function define(options: unknown): unknown {
  return defineSubscription(options as never);
}

describe('a wrong option fails at the definition, with a sentence that names it', () => {
  test.each<[string, unknown, string]>([
    ['no options', undefined, 'its options must be an object, got undefined'],
    ['an array', [], 'its options must be an object, got an array'],
    ['no subscribe', {}, 'option "subscribe" must be a function, got undefined'],
    [
      'an unknown key',
      { subscribe, filtr: subscribe },
      '"filtr" is unknown, the nearest known one is "filter"',
    ],
    ['another case', { subscribe, queuelimit: 1 }, 'the nearest known one is "queueLimit"'],
    [
      'a filter that is no function',
      { subscribe, filter: true },
      '"filter" must be a function, got boolean',
    ],
    [
      'a share that is no boolean',
      { subscribe, share: 'no' },
      '"share" must be a boolean, got "no"',
    ],
    [
      'a queueLimit of 0',
      { subscribe, queueLimit: 0 },
      '"queueLimit" must be a positive integer, got 0',
    ],
    ['a broken queueLimit', { subscribe, queueLimit: 1.5 }, 'a positive integer, got 1.5'],
    [
      'an endless queueLimit',
      { subscribe, queueLimit: Infinity },
      'a positive integer, got Infinity',
    ],
    [
      'an unknown overflow',
      { subscribe, overflow: 'newest' },
      '"drop-oldest" or "end", got "newest"',
    ],
    [
      'a shareBy without context',
      { subscribe, shareBy: { key: subscribe } },
      '"shareBy.context" must be a function',
    ],
    [
      'a key unknown in shareBy',
      { subscribe, shareBy: { keys: subscribe } },
      'the nearest known one is "shareBy.key"',
    ],
  ])('%s', (_what, options, sentence) => {
    expect(() => define(options)).toThrowError(
      expect.objectContaining({
        code: 'GROUPCAST_ERR_SUBSCRIPTION_INVALID',
        message: expect.stringContaining(sentence),
      }),
    );
  });
});

test('an option that is undefined counts as absent: its default holds', () => {
  const { extensions } = defineSubscription({
    subscribe,
    ...({ share: undefined, overflow: undefined } as object),
  });

  expect(extensions.groupcast).toEqual({ subscribe, share: true, overflow: 'drop-oldest' });
});

test('a definition does not change with the object that it was made of', () => {
  const options = { subscribe, queueLimit: 5 };
  const { extensions } = defineSubscription(options);

  options.queueLimit = 6;

  expect(extensions.groupcast.queueLimit).toBe(5);
  expect(Object.isFrozen(extensions.groupcast)).toBe(true);
});
