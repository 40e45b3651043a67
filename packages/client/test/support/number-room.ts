import {
  type UseSubscriptionOptions,
  type UseSubscriptionResult,
  useClientStatus,
  useSubscription,
} from '@groupcast/client/react';
import { createElement, type ReactNode, useLayoutEffect } from 'react';
import type { ReactPage } from './react-page.ts';

export const ON_NUMBER = 'subscription ($room: String!) { onNumber(room: $room) }';

/** What `ON_NUMBER` gives. */
export interface NumberData {
  readonly onNumber: number;
}

/** What {@link NumberRoom} is given. */
export interface NumberRoomProps {
  readonly room: string;
  readonly document?: string;
  readonly options?: UseSubscriptionOptions<NumberData>;
  /** Called with what was rendered, on each commit. */
  readonly onCommit?: (room: string, state: UseSubscriptionResult<NumberData>) => void;
}

/** A component that shows the last number of a room, with variables that are new on each render. */
export function NumberRoom({
  room,
  document = ON_NUMBER,
  options,
  onCommit,
}: NumberRoomProps): ReactNode {
  const state = useSubscription<NumberData, { room: string }>(document, { room }, options);
  useLayoutEffect(() => {
    onCommit?.(room, state);
  });
  return describeState(state);
}

/** The status of the client, as text. */
export function Status(): ReactNode {
  return useClientStatus().name;
}

/** A room, by its props. */
export function numberRoom(props: NumberRoomProps): ReactNode {
  return createElement(NumberRoom, props);
}

/** Sends a number to a room. */
export function say(page: ReactPage, room: string, number: unknown): Promise<void> {
  return page.server.broadcast('onNumber', room, number);
}

/** The ids of operations that were begun, each with its room. */
export function begun(page: ReactPage): readonly unknown[] {
  return page.sent.flatMap(({ type, payload }) =>
    type === 'subscribe' ? [Object(payload?.variables).room] : [],
  );
}

/** How many operations were ended by the client. */
export function ended(page: ReactPage): number {
  return page.sent.filter(({ type }) => type === 'complete').length;
}

function describeState({ status, data, error }: UseSubscriptionResult<NumberData>): string {
  return [status, data?.onNumber, error && `(${error.message})`]
    .filter((part) => part !== undefined)
    .join(' ');
}
