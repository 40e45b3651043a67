import { expect, test } from 'vitest';

import { masked } from './support/masked-failure.ts';
import { runByNodeTest, runByVitest } from './support/other-runners.ts';

const failure = `Expected operation op1 to have the result { data: { a: 2 } }, but it received next { data: { a: 1 } }`;

const exchange = `   1  ? ms  → connection_init
   2  ? ms  ← connection_ack
   3  ? ms  → subscribe op1 {"query":"{ a }"}
   4  ? ms  ← next op1 {"data":{"a":1}}`;

test('Vitest shows a failure with its exchange and a diff', async () => {
  const report = await runByVitest(`
    import { test } from 'vitest';
    import { failingExpectation } from './failing-expectation.ts';
    test('fails', failingExpectation);
  `);

  expect(report).toContain(`AssertionError: ${failure}`);
  expect(masked(report)).toContain(exchange);
  expect(report).toContain(`
  {
    "payload": {
      "data": {
-       "a": 2,
+       "a": 1,
      },
    },
    "type": "next",
  }
`);
});

test('node:test shows a failure with its exchange, what was expected and what came', async () => {
  const report = await runByNodeTest(`
    import { test } from 'node:test';
    import { failingExpectation } from './failing-expectation.ts';
    test('fails', failingExpectation);
  `);

  expect(report).toContain(failure);
  expect(masked(report).replaceAll(/^ {4}/gm, '')).toContain(exchange);
  expect(report).toContain(`
  expected:
    type: 'next'
    payload:
      data:
        a: 2
  actual:
    type: 'next'
    payload:
      data:
        a: 1
`);
});
