import { CloseCode, closeReasons, cutReason, subscriberAlreadyExists } from '@groupcast/protocol';
import { expect, test } from 'vitest';

test('the reasons that the protocol gives are used verbatim', () => {
  expect(closeReasons).toMatchObject({
    UNAUTHORIZED: 'Unauthorized',
    FORBIDDEN: 'Forbidden',
    CONNECTION_INITIALISATION_TIMEOUT: 'Connection initialisation timeout',
    TOO_MANY_INITIALISATION_REQUESTS: 'Too many initialisation requests',
  });
});

test('each reason stands under the name of its code', () => {
  expect(Object.keys(CloseCode)).toEqual(expect.arrayContaining(Object.keys(closeReasons)));
});

test('N3 the reason of 4406 names both accepted strings', () => {
  expect(closeReasons.SUBPROTOCOL_NOT_ACCEPTABLE).toContain('"graphql-transport-ws"');
  expect(closeReasons.SUBPROTOCOL_NOT_ACCEPTABLE).toContain('"graphql-ws"');
});

test('T36 every reason fits into a close frame', () => {
  for (const reason of Object.values(closeReasons)) expect(cutReason(reason)).toBe(reason);
});

test('T17 the reason of 4409 names the id', () => {
  expect(subscriberAlreadyExists('7')).toBe('Subscriber for 7 already exists');
});

test('T36 the reason of 4409 is cut when the id is long', () => {
  expect(subscriberAlreadyExists('ж'.repeat(50_000))).toBe(`Subscriber for ${'ж'.repeat(54)}`);
});
