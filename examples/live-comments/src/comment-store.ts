import { randomUUID } from 'node:crypto';

/** What somebody writes below an article. */
export interface Draft {
  readonly article: string;
  readonly authorId: string;
  readonly author: string;
  readonly text: string;
}

/** What somebody wrote. */
export interface Comment extends Draft {
  readonly id: string;
}

/** The comments of all articles, in memory. */
export class CommentStore {
  readonly #comments: Comment[] = [];

  add(draft: Draft): Comment {
    const comment = { id: randomUUID(), ...draft };
    this.#comments.push(comment);
    return comment;
  }

  /** The comments of an article, the oldest first. */
  list(article: string): readonly Comment[] {
    return this.#comments.filter((comment) => comment.article === article);
  }
}
