import { useSubscription } from '@groupcast/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { OnTyping, type Typing } from './documents.ts';

/** Milliseconds; longer than the pause after which a page that types repeats itself. */
const FORGET_MS = 5_000;

/** Who types in a room. */
export interface Typists {
  readonly names: readonly string[];
  /** Whoever was heard has finished. */
  readonly finish: (name: string) => void;
}

/** Listens to who types. Whoever is not heard of again is forgotten. */
export function useTypists(room: string): Typists {
  const [names, setNames] = useState<readonly string[]>([]);
  const timers = useRef(new Map<string, number>());

  const note = useCallback(({ name, isTyping }: Typing): void => {
    window.clearTimeout(timers.current.get(name));
    timers.current.delete(name);
    if (isTyping) {
      const forget = (): void => note({ name, isTyping: false });
      timers.current.set(name, window.setTimeout(forget, FORGET_MS));
    }
    setNames([...timers.current.keys()]);
  }, []);
  useEffect(() => {
    const running = timers.current;
    return () => {
      for (const timer of running.values()) window.clearTimeout(timer);
      running.clear();
    };
  }, []);

  useSubscription(OnTyping, { room }, { onData: ({ onTyping }) => note(onTyping) });
  const finish = useCallback((name: string) => note({ name, isTyping: false }), [note]);
  return { names, finish };
}

/** Who types, in words. */
export function describeTypists(names: readonly string[]): string {
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing …`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing …`;
  return 'Several people are typing …';
}
