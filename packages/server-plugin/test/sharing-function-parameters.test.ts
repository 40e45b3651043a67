import { describe, expect, test } from 'vitest';
import { mayReceive } from '../src/delivery/function-parameters.ts';

/** Functions as engines print them; made of text, so that no compiler changes them. */
function fromText(text: string): object {
  // biome-ignore lint/security/noGlobalEval: the very text of the function is what is judged
  const value: unknown = globalThis.eval(`(${text})`);
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) return value;
  throw new Error('no function');
}

function methodFromText(text: string): object {
  const holder = fromText(`{ ${text} }`);
  const [value] = Object.values(holder);
  return value as object;
}

describe('a function that can receive two parameters at most', () => {
  test.each([
    '() => 1',
    'a => a',
    'async a => a',
    '(a) => a',
    '(a, b) => a',
    '(a, b,) => a',
    'async (a, b) => a',
    '(a /* , c */, b) => a',
    '(a, // b, c\n b) => a',
    '({ x, y }, [z, w]) => x',
    '({ x: { y } }, b) => y',
    'function (a, b) { return a }',
    'function named(a, b) { return a }',
    'async function named(a, b) { return a }',
    'function* named(a, b) { yield a }',
    'async function* named(a, b) { yield a }',
    '(a) => { const f = (x, y, z) => x; return f(a) }',
    '(a) => "(b, c, d) =>"',
    '$ => $',
    '(a, b) => a => b',
  ])('is seen to be one: %s', (text) => {
    expect(mayReceive(fromText(text), 2)).toBeUndefined();
  });

  test.each([
    'text(a, b) { return a }',
    'async text(a, b) { return a }',
    '*text(a, b) { yield a }',
    'async *text(a, b) { yield a }',
    'get(a, b) { return a }',
    'async(a, b) { return a }',
    'text: (a, b) => a',
  ])('is seen to be one as a method: %s', (text) => {
    expect(mayReceive(methodFromText(text), 2)).toBeUndefined();
  });
});

describe('a function that may receive more', () => {
  test.each([
    ['(a, b, c) => a', 'declares 3 parameters'],
    ['function (a, b, c) { return a }', 'declares 3 parameters'],
    ['(a, b, { c }) => a', 'declares 3 parameters'],
    ['(...all) => all', 'rest parameter'],
    ['(a, b, ...all) => all', 'rest parameter'],
    ['(a, b = 1) => a', 'default value'],
    ['(a, { b = 1 }) => a', 'default value'],
    ['(a, b, c = undefined) => a', 'default value'],
    ['({ ...all }, b) => all', 'rest pattern'],
    ['function () { return arguments[2] }', 'arguments'],
    ['function () { return () => arguments }', 'arguments'],
    ['function (a) { return eval("argu" + "ments")[2] }', 'eval'],
    ['function (a) { return \\u0061rguments[2] }', 'Unicode escapes'],
    ['class { constructor(a) {} }', 'class'],
    ['(a, b = "=>") => a', 'cannot be read'],
    ['(a, { ["x)"]: c }) => a', 'cannot be read'],
    ['function (a // x\r, ...all\n) { return all }', 'rest parameter'],
    ['function (a // x\u2028, ...all\n) { return all }', 'rest parameter'],
    ['function (a // x\u2029, ...all\n) { return all }', 'rest parameter'],
    ['function (a <!-- /*\n, ...all /* */) { return all }', 'cannot be read'],
    ['function (a\n--> /*\n, ...all /* */) { return all }', 'cannot be read'],
  ])('is suspected: %s', (text, reason) => {
    expect(mayReceive(fromText(text), 2)).toContain(reason);
  });

  test.each([
    ['["te(xt"](a) { return a }', 'cannot be read'],
    ['"te xt"(a) { return a }', 'cannot be read'],
    ['text(a, b, c) { return a }', 'declares 3 parameters'],
  ])('is suspected as a method: %s', (text, reason) => {
    expect(mayReceive(methodFromText(text), 2)).toContain(reason);
  });

  test('is suspected when its text cannot be had', () => {
    const plain = (a: unknown): unknown => a;

    expect(mayReceive(plain.bind(undefined), 2)).toContain('bound');
    expect(mayReceive(new Proxy(plain, {}), 2)).toContain('proxy');
    expect(mayReceive(Math.max, 2)).toContain('native');
    expect(mayReceive({}, 2)).toContain('no function');
  });

  test('cannot hide behind a toString() of its own', () => {
    const liar = Object.assign((_a: unknown, _b: unknown, c: unknown) => c, {
      toString: () => '() => 1',
    });

    expect(mayReceive(liar, 2)).toContain('declares 3');
  });
});

test('the number of plain parameters is asked anew for each use of one function', () => {
  const two = (a: unknown, b: unknown): unknown[] => [a, b];

  expect(mayReceive(two, 2)).toBeUndefined();
  expect(mayReceive(two, 1)).toContain('declares 2');
});
