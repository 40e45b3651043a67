import { type ReactElement, useEffect, useRef, useState } from 'react';

/** Milliseconds that it is said that the command was copied. */
const SAY_MS = 2_000;

/** A command that posts to a Fastify route, which broadcasts to the room. */
export function CurlLine({ room }: { readonly room: string }): ReactElement {
  const code = useRef<HTMLElement>(null);
  const [note, setNote] = useState('');
  const command = curlCommand(room);

  useEffect(() => {
    if (note === '') return undefined;
    const timer = setTimeout(() => setNote(''), SAY_MS);
    return () => clearTimeout(timer);
  }, [note]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command);
      setNote('Copied');
    } catch {
      // Not allowed, for example without https: then it is one key for the visitor.
      if (code.current) getSelection()?.selectAllChildren(code.current);
      setNote('Selected');
    }
  };
  return (
    <section className="card curl" aria-labelledby="curl-title">
      <h3 id="curl-title">Broadcast from a Fastify route</h3>
      <p className="soft small">
        Run this in a terminal. The route calls <code>app.broadcast()</code>, and everybody in the
        room sees the message.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code ref={code}>{command}</code>
      </pre>
      <button type="button" onClick={() => void copy()}>
        {note || 'Copy'}
      </button>
      <p className="unseen" role="status">
        {note}
      </p>
    </section>
  );
}

function curlCommand(room: string): string {
  const body = JSON.stringify({ author: 'curl', text: 'Hello from a Fastify route' });
  return [
    `curl ${location.origin}/rooms/${encodeURIComponent(room)}/messages`,
    `-H 'content-type: application/json'`,
    `-d '${body}'`,
  ].join(' \\\n  ');
}
