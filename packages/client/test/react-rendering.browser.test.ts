import { ClientProvider, useSubscription } from '@groupcast/client/react';
import {
  Activity,
  Component,
  createElement,
  type ReactNode,
  Suspense,
  startTransition,
  use,
} from 'react';
import { hydrateRoot } from 'react-dom/client';
import { expect, onTestFinished, test } from 'vitest';
import { begun, type NumberRoomProps, numberRoom, say } from './support/number-room.ts';
import { openPage } from './support/react-page.ts';

test('what the server has rendered is hydrated without a difference', async () => {
  const page = await openPage();
  const container = document.body.appendChild(document.createElement('div'));
  container.textContent = 'idle';
  const differences: unknown[] = [];
  const shown: string[] = [];
  const onCommit: NumberRoomProps['onCommit'] = (_room, { status }) => shown.push(status);

  const tree = createElement(
    ClientProvider,
    { client: page.client },
    numberRoom({ room: 'red', onCommit }),
  );
  const root = hydrateRoot(container, tree, {
    onRecoverableError: (error) => differences.push(error),
  });
  onTestFinished(() => {
    root.unmount();
    container.remove();
  });
  await expect.poll(() => container.textContent).toBe('live');

  expect(differences).toEqual([]);
  expect([...new Set(shown)]).toEqual(['idle', 'connecting', 'live']);
  expect(begun(page)).toEqual(['red']);
});

test('the first render in a browser is connecting, never idle', async () => {
  const page = await openPage();
  const shown: string[] = [];
  page.render(numberRoom({ room: 'red', onCommit: (_room, { status }) => shown.push(status) }));
  await page.shows('live');

  expect(shown).toEqual(['connecting', 'live']);
});

test('a hidden part of the page hears nothing, and begins anew without old data', async () => {
  const page = await openPage({ isStrict: true });
  const shown: unknown[] = [];
  const onCommit: NumberRoomProps['onCommit'] = (_room, { status, data }) =>
    shown.push(`${status} ${data?.onNumber}`);
  const children = numberRoom({ room: 'red', onCommit });
  const part = (mode: 'visible' | 'hidden') => {
    const props = { mode, children };
    return createElement(Activity, props);
  };
  page.render(part('visible'));
  await page.shows('live');
  await say(page, 'red', 1);
  await page.shows('live 1');

  page.render(part('hidden'));
  await page.server.awaitSubscribers('onNumber', 'red', 0);
  page.render(part('visible'));
  await page.shows('live');

  expect(shown.at(-1)).toBe('live undefined');
  expect(begun(page)).toEqual(['red', 'red']);
});

test('events do not cut a transition short', async () => {
  const page = await openPage();
  let finish: ((text: string) => void) | undefined;
  const slow = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const Slow = (): ReactNode => use(slow);
  const view = (child: ReactNode) =>
    page.render(
      numberRoom({ room: 'red' }),
      createElement(Suspense, { fallback: ' loading' }, child),
    );
  view(' before');
  await page.shows('live before');

  startTransition(() => view(createElement(Slow)));
  await say(page, 'red', 1);
  await page.shows('live 1 before');
  await say(page, 'red', 2);
  await page.shows('live 2 before');
  finish?.(' after');

  await page.shows('live 2 after');
  expect(begun(page)).toEqual(['red']);
});

test('a document that is no subscription reaches the error boundary', async () => {
  const page = await openPage();
  const Wrong = (): ReactNode => useSubscription('query { hello }').status;

  page.render(createElement(Boundary, null, createElement(Wrong)));

  await page.shows('DOCUMENT_INVALID');
});

class Boundary extends Component<{ readonly children?: ReactNode }> {
  override state: { readonly code?: string } = {};

  static getDerivedStateFromError(error: { readonly code: string }) {
    return { code: error.code };
  }

  override render(): ReactNode {
    return this.state.code ?? this.props.children;
  }
}
