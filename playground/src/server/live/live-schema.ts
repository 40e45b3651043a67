import { type LiveContext, liveFigures } from './live-subscription.ts';
import { LOAD_LIMITS, type LoadLimits, type LoadSettings } from './load-settings.ts';
import { load, padding } from './load-subscription.ts';

/** What the live figures and the synthetic load add to the schema. */
export const liveTypeDefs: string = /* GraphQL */ `
  "How one process is doing: figures of a moment, and what happened since the sample before"
  type LiveSample {
    "Its pid"
    process: Int!
    "Milliseconds since 1970, with fractions"
    sentAt: Float!
    "Milliseconds since the sample before"
    intervalMs: Float!
    connections: Int!
    operations: Int!
    groups: Int!
    cohorts: Int!
    members: Int!
    "Notifications that wait for slow subscribers"
    queued: Int!
    "Bytes that wait for clients"
    bytes: Float!
    "Broadcasts that the broker has not taken yet"
    pendingBroadcasts: Int!
    rates: LiveRates!
    eventLoop: EventLoopFigures!
    latency: LatencyFigures!
    broker: BrokerFigures!
    "The synthetic load that this process sends"
    load: Load
    "Why the last load that this process has sent is over"
    lastLoadEnd: String
  }

  "What happened, per second"
  type LiveRates {
    broadcasts: Float!
    "Broadcasts of all processes that arrived here"
    received: Float!
    "Results that were computed: one may be for many subscribers"
    computed: Float!
    deliveries: Float!
    bytes: Float!
    dropped: Float!
    lost: Float!
  }

  "How busy the event loop was, and how much later than due timers fired"
  type EventLoopFigures {
    "0 to 1"
    utilization: Float!
    p50Ms: Float!
    p99Ms: Float!
    maxMs: Float!
  }

  "How long results took from their broadcast until they were given to a connection"
  type LatencyFigures {
    count: Int!
    p50Ms: Float!
    p99Ms: Float!
    "The upper bounds of the buckets in milliseconds; the last bucket has none"
    bounds: [Float!]!
    buckets: [Int!]!
  }

  type BrokerFigures {
    "up, degraded or down"
    status: String!
    error: String
  }

  enum LoadPhase {
    "Subscribers connect, nothing is sent yet"
    STARTING
    RUNNING
  }

  type Load {
    phase: LoadPhase!
    groups: Int!
    subscribers: Int!
    messagesPerSecond: Int!
    share: Boolean!
    slowReader: Boolean!
    "Subscribers that are there"
    live: Int!
    "Messages so far"
    sent: Int!
    "Results that have reached subscribers so far, without those of the slow reader"
    received: Float!
    "Milliseconds since 1970: when it ends by itself"
    endsAt: Float!
  }

  input LoadSettings {
    groups: Int!
    "Each has a connection of its own"
    subscribers: Int!
    "In all groups together"
    messagesPerSecond: Int!
    "Whether subscribers of a group ask for the same, so that they share results"
    share: Boolean!
    "Whether one more subscriber, of all groups, reads slowly"
    slowReader: Boolean!
  }

  "How much a load may be"
  type LoadLimits {
    groups: Int!
    subscribers: Int!
    messagesPerSecond: Int!
    deliveriesPerSecond: Int!
    "How long it lasts"
    seconds: Int!
  }

  "A message of the synthetic load"
  type LoadMessage {
    number: Int!
    "Milliseconds since 1970, with fractions"
    sentAt: Float!
    "Text that makes the message large"
    padding(length: Int!): String!
  }

  extend type Query {
    loadLimits: LoadLimits!
  }

  extend type Mutation {
    "Starts a synthetic load, in place of the one that runs. It ends by itself, soon when nobody watches"
    startLoad(settings: LoadSettings!): Boolean!
    stopLoad: Boolean!
  }

  extend type Subscription {
    "How each process is doing, once a second"
    live: LiveSample!
    "The messages of the synthetic load. Whoever gives a subscriber shares with nobody"
    load(groups: [String!]!, subscriber: Int): LoadMessage!
  }
`;

/** The resolvers that go with {@link liveTypeDefs}. */
export const liveResolvers: {
  readonly LoadMessage: { readonly padding: typeof padding };
  readonly Query: { readonly loadLimits: () => LoadLimits };
  readonly Mutation: {
    readonly startLoad: (
      root: unknown,
      args: { readonly settings: LoadSettings },
      context: LiveContext,
    ) => Promise<boolean>;
    readonly stopLoad: (root: unknown, args: unknown, context: LiveContext) => Promise<boolean>;
  };
  readonly Subscription: { readonly live: typeof liveFigures; readonly load: typeof load };
} = {
  LoadMessage: { padding },
  Query: { loadLimits: () => LOAD_LIMITS },
  Mutation: {
    startLoad: (_root, { settings }, { live }) => live.startLoad(settings),
    stopLoad: (_root, _args, { live }) => live.stopLoad(),
  },
  Subscription: { live: liveFigures, load },
};
