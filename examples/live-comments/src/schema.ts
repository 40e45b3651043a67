import { makeExecutableSchema } from '@graphql-tools/schema';
import { type Broadcast, defineSubscription, type Subscription } from '@groupcast/fastify';
import type { GraphQLSchema } from 'graphql';
import { requireReader } from './articles.ts';
import type { Comment, CommentStore } from './comment-store.ts';
import type { Person } from './people.ts';

const typeDefs = /* GraphQL */ `
  type Comment {
    id: ID!
    author: String!
    text: String!
  }

  "Somebody begins to read the comments, or stops"
  type ReaderChange {
    name: String!
    isHere: Boolean!
  }

  type Query {
    comments(article: String!): [Comment!]!
  }

  type Mutation {
    addComment(article: String!, text: String!): Comment!
  }

  type Subscription {
    "The comments of others"
    commentAdded(article: String!): Comment!
    "Others who begin to read the comments, or stop"
    readerChanged(article: String!): ReaderChange!
  }
`;

/** Who asks, and what it takes to answer. */
export interface AppContext {
  readonly person: Person;
  readonly comments: CommentStore;
  readonly broadcast: Broadcast;
}

/** The argument of all fields that are about one article. */
export interface OfArticle {
  readonly article: string;
}

export interface ReaderChange {
  readonly name: string;
  readonly isHere: boolean;
}

export const readerChanged: Subscription<ReaderChange, OfArticle, AppContext> = defineSubscription({
  subscribe: (_root, { article }: OfArticle, { person }: AppContext) => {
    requireReader(person, article);
    return article;
  },
  filter: (change: ReaderChange, _args, { person }) => change.name !== person.name,
});

export const commentAdded: Subscription<Comment, OfArticle, AppContext> = defineSubscription({
  subscribe: async (_root, { article }: OfArticle, { person, broadcast }: AppContext) => {
    requireReader(person, article);
    const payload = { name: person.name, isHere: true };
    await broadcast(readerChanged, { group: article, payload });
    return article;
  },
  // The author has the comment already: it is the result of the mutation.
  filter: (comment: Comment, _args, { person }) => comment.authorId !== person.id,
  unsubscribed: async (_reason, { article }, { person, broadcast }) => {
    const payload = { name: person.name, isHere: false };
    await broadcast(readerChanged, { group: article, payload });
  },
});

/** Writes a comment and tells the others: for the mutation and for the route. */
export async function addComment(
  { person, comments, broadcast }: AppContext,
  { article, text }: OfArticle & { readonly text: string },
): Promise<Comment> {
  requireReader(person, article);
  const comment = comments.add({ article, authorId: person.id, author: person.name, text });
  await broadcast(commentAdded, { group: article, payload: comment });
  return comment;
}

/** The schema; its resolvers expect an {@link AppContext}. */
export const schema: GraphQLSchema = makeExecutableSchema<AppContext>({
  typeDefs,
  resolvers: {
    Query: {
      comments: (_root, { article }: OfArticle, { person, comments }) => {
        requireReader(person, article);
        return comments.list(article);
      },
    },
    Mutation: {
      addComment: (_root, args: OfArticle & { readonly text: string }, context) =>
        addComment(context, args),
    },
    Subscription: { commentAdded, readerChanged },
  },
});
