import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './generated/tada/introspection.d.ts';

/** The operations of `operations.graphql`, in the way of gql.tada. */
const graphql = initGraphQLTada<{ introspection: introspection; disableMasking: true }>();

export const Author = graphql(`
  fragment Author on User {
    id
    name
    mood
  }
`);

export const Rooms = graphql(`
  query Rooms {
    rooms {
      id
      members {
        name
      }
    }
  }
`);

export const Message = graphql(
  `
    query Message($id: ID!) {
      message(id: $id) {
        text
        author {
          ...Author
        }
      }
    }
  `,
  [Author],
);

export const Messages = graphql(`
  query Messages($room: ID!, $first: Int = 10, $mood: Mood) {
    messages(room: $room, first: $first, mood: $mood) {
      id
      text
    }
  }
`);

export const SendMessage = graphql(`
  mutation SendMessage($input: MessageInput!) {
    sendMessage(input: $input) {
      id
    }
  }
`);

export const LogOut = graphql(`
  mutation LogOut {
    logOut
  }
`);

export const MessageAdded = graphql(
  `
    subscription MessageAdded($room: ID!, $mood: Mood) {
      messageAdded(room: $room, mood: $mood) {
        id
        text
        author {
          ...Author
        }
      }
    }
  `,
  [Author],
);

export const Tick = graphql(`
  subscription Tick($everyMs: Int) {
    tick(everyMs: $everyMs)
  }
`);

export const MoodChanged = graphql(`
  subscription MoodChanged {
    moodChanged
  }
`);

/** Persisted: only the type of the document is kept. */
export const PersistedMessage = graphql.persisted<typeof Message>('hash-of-message');

/** Persisted, with its definitions. */
export const PersistedMessageAdded = graphql.persisted('hash-of-message-added', MessageAdded);
