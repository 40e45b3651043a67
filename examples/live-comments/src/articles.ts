import { AppError } from './app-error.ts';
import type { Person } from './people.ts';

interface Article {
  readonly isForMembers: boolean;
}

const articles: ReadonlyMap<string, Article> = new Map([
  ['otters', { isForMembers: false }],
  ['badgers', { isForMembers: false }],
  ['salaries', { isForMembers: true }],
]);

/** @throws AppError when there is no such article, or when it is not for this person */
export function requireReader(person: Person, name: string): void {
  const article = articles.get(name);
  if (article === undefined) throw new AppError('There is no such article', 404);
  if (article.isForMembers && !person.isMember) {
    throw new AppError('This article is for members', 403);
  }
}
