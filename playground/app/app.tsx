import './shell/shell.css';
import { useClient } from '@groupcast/client/react';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { ChatView } from './chat/chat-view.tsx';
import type { Journal } from './chat/journal.ts';
import { readName, saveName } from './chat/own-name.ts';
import { Failure } from './shell/failure.tsx';
import { Header } from './shell/header.tsx';
import { type Route, useRoute } from './shell/route.ts';
import { type Theme, useTheme } from './shell/theme.ts';

// Only who opens them pays for them.
const GraphiqlView = lazy(() => import('./graphiql/graphiql-view.tsx'));
const LiveView = lazy(() => import('./live/live-view.tsx'));

/** The page: a header, and one view below it. */
export function App({ journal }: { readonly journal: Journal }): ReactElement {
  const route = useRoute();
  const { theme, toggle } = useTheme();
  const client = useClient();
  const [name, setName] = useState(readName);

  const rename = (wanted: string): void => {
    saveName(wanted);
    setName(wanted);
    journal.add('note', `You are ${wanted} now: dialling anew`);
    client.reconnect();
  };

  return (
    <>
      <Header view={route.view} theme={theme} onToggleTheme={toggle} />
      <Failure key={route.view}>
        <Suspense fallback={<p className="loading">Loading …</p>}>
          <View {...{ route, name, rename, journal, theme }} />
        </Suspense>
      </Failure>
    </>
  );
}

interface ViewProps {
  readonly route: Route;
  readonly name: string;
  readonly rename: (name: string) => void;
  readonly journal: Journal;
  readonly theme: Theme;
}

function View({ route, name, rename, journal, theme }: ViewProps): ReactElement {
  switch (route.view) {
    case 'chat':
      return <ChatView wantedRoom={route.room} name={name} onRename={rename} journal={journal} />;
    case 'graphiql':
      return <GraphiqlView name={name} theme={theme} />;
    case 'live':
      return <LiveView />;
    default:
      return route satisfies never;
  }
}
