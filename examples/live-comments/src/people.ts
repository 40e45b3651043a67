import { AppError } from './app-error.ts';

/** Who is logged in. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** Members read all articles. */
  readonly isMember: boolean;
}

/** By their tokens. A real app asks whoever signs its tokens. */
const people: ReadonlyMap<unknown, Person> = new Map([
  ['token-of-ann', { id: 'ann', name: 'Ann', isMember: true }],
  ['token-of-ben', { id: 'ben', name: 'Ben', isMember: true }],
  ['token-of-guest', { id: 'guest', name: 'Guest', isMember: false }],
]);

/**
 * Finds who logs in with a token.
 *
 * @param token - as a client sent it: anything
 * @throws AppError when it is nobody's
 */
export function findPerson(token: unknown): Person {
  const person = people.get(token);
  if (person) return person;
  throw new AppError('Your token is not valid', 401);
}
