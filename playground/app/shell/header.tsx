import type { ReactElement } from 'react';
import icon from '../icon.svg';
import { addressOf, type ViewName } from './route.ts';
import type { Theme } from './theme.ts';

const VIEWS: readonly { readonly view: ViewName; readonly label: string }[] = [
  { view: 'chat', label: 'Chat' },
  { view: 'graphiql', label: 'GraphiQL' },
  { view: 'live', label: 'The server, live' },
];

interface HeaderProps {
  readonly view: ViewName;
  readonly theme: Theme;
  readonly onToggleTheme: () => void;
}

/** The page's head: its name, the views, and the theme. */
export function Header({ view, theme, onToggleTheme }: HeaderProps): ReactElement {
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header className="header">
      <h1>
        <img src={icon} alt="" width="30" height="30" />
        <span>
          Groupcast <span className="soft">playground</span>
        </span>
      </h1>
      <nav aria-label="Views">
        {VIEWS.map(({ view: each, label }) => (
          <a key={each} href={addressOf(each)} aria-current={each === view ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <button
        type="button"
        className="theme"
        onClick={onToggleTheme}
        aria-label={`Use the ${other} theme`}
        title={`Use the ${other} theme`}
      >
        {theme === 'dark' ? <Sun /> : <Moon />}
      </button>
    </header>
  );
}

function Sun(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className="line-icon">
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2v2M12 20v2M2 12h2M20 12h2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4" />
    </svg>
  );
}

function Moon(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className="line-icon">
      <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />
    </svg>
  );
}
