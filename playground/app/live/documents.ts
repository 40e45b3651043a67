import { initGraphQLTada, type ResultOf, type VariablesOf } from 'gql.tada';
import type { introspection } from '../chat/generated/introspection.d.ts';

/** Types of results and variables come from the schema of the server. */
const graphql = initGraphQLTada<{ introspection: introspection; disableMasking: true }>();

export const OnLive = graphql(`
  subscription OnLive {
    live {
      process
      sentAt
      connections
      operations
      groups
      cohorts
      members
      queued
      bytes
      rates {
        broadcasts
        computed
        deliveries
        bytes
        dropped
        lost
      }
      eventLoop {
        utilization
        p50Ms
        p99Ms
      }
      latency {
        bounds
        buckets
      }
      broker {
        status
        error
      }
      load {
        phase
        groups
        subscribers
        messagesPerSecond
        share
        slowReader
        live
        sent
        received
        endsAt
      }
      lastLoadEnd
    }
  }
`);

/** How one process is doing. */
export type Sample = ResultOf<typeof OnLive>['live'];

/** The synthetic load that runs. */
export type RunningLoad = NonNullable<Sample['load']>;

export const LoadLimits = graphql(`
  query LoadLimits {
    loadLimits {
      groups
      subscribers
      messagesPerSecond
      deliveriesPerSecond
      seconds
    }
  }
`);

/** How much a load may be. */
export type Limits = ResultOf<typeof LoadLimits>['loadLimits'];

export const StartLoad = graphql(`
  mutation StartLoad($settings: LoadSettings!) {
    startLoad(settings: $settings)
  }
`);

/** What a load is to be. */
export type Settings = VariablesOf<typeof StartLoad>['settings'];

export const StopLoad = graphql(`
  mutation StopLoad {
    stopLoad
  }
`);
