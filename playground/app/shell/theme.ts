import { useLayoutEffect, useState, useSyncExternalStore } from 'react';

/** How the page looks. */
export type Theme = 'light' | 'dark';

const KEY = 'theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** The theme: the system's, unless the visitor has chosen the other one. */
export function useTheme(): { readonly theme: Theme; readonly toggle: () => void } {
  const systemTheme: Theme = useSyncExternalStore(onSystemChange, () => system.matches)
    ? 'dark'
    : 'light';
  const [chosen, setChosen] = useState(readChosen);
  const theme = chosen ?? systemTheme;

  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);

  const toggle = (): void => {
    const other = theme === 'dark' ? 'light' : 'dark';
    // Who is back at the system's follows it again.
    const choice = other === systemTheme ? undefined : other;
    if (choice) localStorage.setItem(KEY, choice);
    else localStorage.removeItem(KEY);
    setChosen(choice);
  };
  return { theme, toggle };
}

function readChosen(): Theme | undefined {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : undefined;
}

function onSystemChange(listener: () => void): () => void {
  system.addEventListener('change', listener);
  return () => system.removeEventListener('change', listener);
}
