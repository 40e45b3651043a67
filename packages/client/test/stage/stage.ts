import { inject, onTestFinished } from 'vitest';
import {
  type ControlAnswer,
  type ControlRequest,
  controlNames,
  type ServerControls,
  type ServerKind,
  type Started,
  type StartOptions,
} from './controls.ts';
import type {} from './global-setup.ts';

export type { ServerControls, ServerKind, StartOptions } from './controls.ts';
export type { Fault } from './fault.ts';

/** A server that runs, for one test. */
export interface StagedServer extends ServerControls {
  /** Where clients connect: through a proxy that can have faults. */
  readonly url: string;
}

/** The subprotocols by their names on the wire. */
export type ProtocolName = 'graphql-transport-ws' | 'graphql-ws';

/** Every server with every subprotocol that it speaks, for `test.each`. */
export const pairings: readonly (readonly [server: ServerKind, protocol: ProtocolName])[] = [
  ['groupcast', 'graphql-transport-ws'],
  ['groupcast', 'graphql-ws'],
  ['graphql-ws', 'graphql-transport-ws'],
  ['subscriptions-transport-ws', 'graphql-ws'],
  ['mercurius', 'graphql-transport-ws'],
  ['mercurius', 'graphql-ws'],
];

/** Starts a fresh server for the test that runs; it ends with the test. */
export async function startServer(
  server: ServerKind = 'groupcast',
  options: StartOptions['options'] = {},
): Promise<StagedServer> {
  const { id, url } = await ask<Started>({ start: { server, options } });
  const controls = controlsOf(id);
  onTestFinished(() => controls.end());
  return { ...controls, url };
}

function controlsOf(id: string): ServerControls {
  const entries = controlNames.map((control) => {
    return [control, (...args: unknown[]) => ask({ id, control, args })] as const;
  });
  return Object.fromEntries(entries) as unknown as ServerControls;
}

async function ask<Result>(request: ControlRequest): Promise<Result> {
  // As plain text, for which browsers ask no leave in advance.
  const response = await fetch(inject('controlServer'), {
    method: 'POST',
    body: JSON.stringify(request),
  });
  const answer: ControlAnswer = await response.json();
  if ('error' in answer) throw new Error(answer.error);
  return answer.result as Result;
}
