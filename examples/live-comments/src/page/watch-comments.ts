import type { Client } from '@groupcast/client';

/** A comment as the page shows it. */
export interface ShownComment {
  readonly id: string;
  readonly author: string;
  readonly text: string;
}

/** What a page gives to the comments of an article. */
export interface View {
  /** Called with all comments, the oldest first, whenever they have changed. */
  render(comments: readonly ShownComment[]): void;
  /** Called when they can't be shown, or not any more. */
  fail(message: string): void;
}

/** What a page does with the comments that it shows. */
export interface CommentList {
  /** Writes one; resolves when it is shown. */
  write(text: string): Promise<void>;
  close(): void;
}

const LIST = 'query Comments($article: String!) { comments(article: $article) { id author text } }';
const ADDED =
  'subscription CommentAdded($article: String!) { commentAdded(article: $article) { id author text } }';
const ADD =
  'mutation AddComment($article: String!, $text: String!) { addComment(article: $article, text: $text) { id author text } }';

/** Shows the comments of an article, and goes on showing them as they come. */
export function watchComments(client: Client, article: string, view: View): CommentList {
  const comments = new Map<string, ShownComment>();

  function add(some: readonly ShownComment[]): void {
    // One that came as an event may be in the list, too.
    for (const comment of some) comments.set(comment.id, comment);
    view.render([...comments.values()]);
  }

  async function fetchAll(): Promise<void> {
    const all = await client.query<{ comments: ShownComment[] }>(LIST, { article });
    add(all.comments);
  }

  const { unsubscribe } = client
    .subscribe<{ commentAdded: ShownComment }>(
      ADDED,
      { article },
      // When it is live, and after each gap.
      { onContinuity: () => void fetchAll().catch((error: Error) => view.fail(error.message)) },
    )
    .subscribe({
      next: ({ commentAdded }) => add([commentAdded]),
      error: ({ message }) => view.fail(message),
    });

  return {
    write: async (text) => {
      const written = await client.mutate<{ addComment: ShownComment }>(ADD, { article, text });
      add([written.addComment]);
    },
    close: unsubscribe,
  };
}
