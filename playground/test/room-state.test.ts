import { expect, test } from 'vitest';
import { moveRoom, type RoomEvent, type RoomState, UNKNOWN_ROOM } from '../app/chat/room-state.ts';

/** A message that was sent so many seconds after noon. */
function message(seconds: number) {
  const sentAt = new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();
  return { id: `${seconds}`, author: 'Ann', text: `at ${seconds}`, sentAt };
}

function stateAfter(...events: readonly RoomEvent[]): RoomState {
  return events.reduce(moveRoom, UNKNOWN_ROOM);
}

/** What is shown, in order: `3`, `3 missed` or `gap 1`. */
function shown({ entries }: RoomState): string[] {
  return entries.map((entry) => {
    if (entry.kind === 'gap') return `gap ${entry.missed}`;
    return entry.wasMissed ? `${entry.message.id} missed` : entry.message.id;
  });
}

const heard = (seconds: number): RoomEvent => ({ name: 'heard', message: message(seconds) });
const fetched = (gap: string | undefined, ...seconds: number[]): RoomEvent => ({
  name: 'fetched',
  gap,
  history: seconds.map(message),
});

test('what is heard before the history has come, stands after it, once', () => {
  const state = stateAfter(heard(3), fetched(undefined, 1, 2, 3));

  expect(shown(state)).toEqual(['1', '2', '3']);
  expect(state.content).toBe('complete');
});

test('a gap stands before the first message that was missed', () => {
  const state = stateAfter(
    fetched(undefined, 1, 2),
    { name: 'fetching' },
    heard(5),
    fetched('reconnected', 1, 2, 3, 4, 5),
  );

  expect(shown(state)).toEqual(['1', '2', 'gap 2', '3 missed', '4 missed', '5']);
});

test('a gap in which nothing was missed stands at the end', () => {
  const state = stateAfter(fetched(undefined, 1), fetched('broker', 1), heard(2));

  expect(shown(state)).toEqual(['1', 'gap 0', '2']);
});

test('two gaps in the same place are two lines', () => {
  const { entries } = stateAfter(
    fetched(undefined, 1),
    fetched('reconnected', 1),
    fetched('reconnected', 1),
  );

  const ids = entries.map((entry) => (entry.kind === 'gap' ? entry.id : entry.message.id));
  expect(new Set(ids).size).toBe(3);
});

test('while it is fetched again, what is shown stays', () => {
  const state = stateAfter(fetched(undefined, 1), { name: 'fetching' });

  expect(shown(state)).toEqual(['1']);
  expect(state.content).toBe('fetching');
});

test('a failure is told until it is fetched again', () => {
  const failed = stateAfter({ name: 'failed', problem: 'Redis does not answer' });

  expect(failed.problem).toBe('Redis does not answer');
  expect(moveRoom(failed, { name: 'fetching' }).problem).toBeUndefined();
});

test('the oldest lines are let go', () => {
  const state = stateAfter(...Array.from({ length: 201 }, (_, seconds) => heard(seconds)));

  expect(shown(state)).toHaveLength(200);
  expect(shown(state)[0]).toBe('1');
});
