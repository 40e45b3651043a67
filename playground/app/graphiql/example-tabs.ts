/** A tab as GraphiQL takes it. */
export interface ExampleTab {
  readonly query: string;
  readonly variables: string;
  readonly headers: string;
}

/** What can be tried at once, under a name. */
export function exampleTabs(name: string): ExampleTab[] {
  const headers = toJson({ name });
  const room = { room: 'kittens' };
  return [
    { query: LISTEN, variables: toJson(room), headers },
    { query: SAY, variables: toJson({ ...room, text: 'Hello from GraphiQL' }), headers },
    { query: READ, variables: toJson(room), headers },
    { query: COUNT, variables: toJson({ from: 10 }), headers },
  ];
}

const LISTEN = `# Run this, then say something in the chat,
# in another tab of the browser. The headers
# below are sent when the connection is made:
# they say who you are.
subscription Listen($room: String!) {
  onMessage(room: $room) {
    author
    text
    sentAt
  }
}
`;

const SAY = `mutation Say($room: String!, $text: String!) {
  sendMessage(room: $room, text: $text) {
    id
    sentAt
  }
}
`;

const READ = `query Read($room: String!) {
  rooms
  history(room: $room) {
    author
    text
  }
}
`;

const COUNT = `# No group: a plain async generator,
# one number each second.
subscription Count($from: Int!) {
  countdown(from: $from)
}
`;

function toJson(value: object): string {
  return JSON.stringify(value, undefined, 2);
}
