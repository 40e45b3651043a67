import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './graphiql-view.css';
import { GraphiQL, type GraphiQLProps } from 'graphiql';
import { type ReactElement, useEffect, useState } from 'react';
import type { Theme } from '../shell/theme.ts';
import { ClientFetcher } from './client-fetcher.ts';
import { type ExampleTab, exampleTabs } from './example-tabs.ts';

interface GraphiqlViewProps {
  readonly name: string;
  readonly theme: Theme;
}

/** GraphiQL, whose operations go through our client, over one socket. */
export default function GraphiqlView({ name, theme }: GraphiqlViewProps): ReactElement {
  // Messages are not sent to their author: another name hears what is said in the chat.
  const [ownName] = useState(`${name.slice(0, 28)} in GraphiQL`);
  const fetcher = useFetcher(ownName);
  const [tabs] = useState(() => exampleTabs(ownName));
  const [initial] = useState(() => initialContents(tabs));
  return (
    <main className="graphiql-view">
      <h2 className="unseen">GraphiQL</h2>
      {fetcher && (
        <GraphiQL
          {...initial}
          fetcher={fetcher.fetch}
          storage={sessionStorage}
          defaultTabs={tabs}
          defaultHeaders={tabs[0]?.headers ?? ''}
          shouldPersistHeaders
          forcedTheme={theme}
          defaultEditorToolsVisibility="headers"
        />
      )}
    </main>
  );
}

/** GraphiQL fills its editors from its tabs only when it has kept some: from the second visit on. */
function initialContents([first]: readonly ExampleTab[]): Partial<GraphiQLProps> {
  if (first === undefined || sessionStorage.getItem('graphiql:tabState') !== null) return {};
  const { query, variables, headers } = first;
  return { initialQuery: query, initialVariables: variables, initialHeaders: headers };
}

/** Made when the view is shown, and closed when it goes. */
function useFetcher(name: string): ClientFetcher | undefined {
  const [fetcher, setFetcher] = useState<ClientFetcher>();
  useEffect(() => {
    const made = new ClientFetcher(name);
    setFetcher(made);
    return () => {
      setFetcher(undefined);
      void made.close();
    };
  }, [name]);
  return fetcher;
}
