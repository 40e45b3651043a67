import { initGraphQLTada, type ResultOf } from 'gql.tada';
import type { introspection } from './generated/introspection.d.ts';

/** Types of results and variables come from the schema of the server. */
const graphql = initGraphQLTada<{ introspection: introspection; disableMasking: true }>();

const MessageFields = graphql(`
  fragment MessageFields on Message {
    id
    author
    text
    sentAt
  }
`);

/** What somebody said, as the page knows it. */
export type Message = ResultOf<typeof MessageFields>;

export const Rooms = graphql(`
  query Rooms {
    rooms
  }
`);

export const History = graphql(
  `
    query History($room: String!) {
      history(room: $room) {
        ...MessageFields
      }
    }
  `,
  [MessageFields],
);

export const OnMessage = graphql(
  `
    subscription OnMessage($room: String!) {
      onMessage(room: $room) {
        ...MessageFields
      }
    }
  `,
  [MessageFields],
);

export const OnTyping = graphql(`
  subscription OnTyping($room: String!) {
    onTyping(room: $room) {
      name
      isTyping
    }
  }
`);

/** Somebody begins to type, goes on or stops. */
export type Typing = ResultOf<typeof OnTyping>['onTyping'];

export const OnPresence = graphql(`
  subscription OnPresence($room: String!) {
    onPresence(room: $room)
  }
`);

export const SendMessage = graphql(
  `
    mutation SendMessage($room: String!, $text: String!) {
      sendMessage(room: $room, text: $text) {
        ...MessageFields
      }
    }
  `,
  [MessageFields],
);

export const SetTyping = graphql(`
  mutation SetTyping($room: String!, $isTyping: Boolean!) {
    setTyping(room: $room, isTyping: $isTyping)
  }
`);

export const CutConnection = graphql(`
  mutation CutConnection($room: String!) {
    cutConnection(room: $room)
  }
`);

export const RestartServer = graphql(`
  mutation RestartServer {
    restartServer
  }
`);
