import type { ClientStatus } from '@groupcast/client';
import { useClient, useClientStatus } from '@groupcast/client/react';
import { type ReactElement, useEffect, useState } from 'react';
import type { Tone } from './journal.ts';

/** What the connection does now, and a button where waiting can be cut short. */
export function StatusLine({ name }: { readonly name: string }): ReactElement {
  const client = useClient();
  const status = useClientStatus();
  const isWaiting = status.name === 'waiting' || status.name === 'offline';
  return (
    <div className="status" data-tone={toneOf(status)}>
      <p>
        <span role="status">{describe(status, name)}</span>
        {isWaiting && <Countdown key={status.attempt} ms={status.retryInMs} />}
      </p>
      {(isWaiting || status.name === 'closed') && (
        <button type="button" onClick={() => client.reconnect()}>
          Connect now
        </button>
      )}
    </div>
  );
}

/** Not read aloud: it changes each second. */
function Countdown({ ms }: { readonly ms: number }): ReactElement {
  const [until] = useState(() => performance.now() + ms);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
  return <span aria-live="off">, next try in {seconds} s</span>;
}

function describe(status: ClientStatus, name: string): string {
  switch (status.name) {
    case 'idle':
      return 'Not connected';
    case 'connecting':
      return status.attempt > 0 ? 'Reconnecting …' : 'Connecting …';
    case 'open':
      return `Connected as ${name}`;
    case 'waiting':
      return 'Connection lost';
    case 'offline':
      return 'There is no network';
    case 'closed':
      return `Refused: ${status.error.message}`;
    default:
      return status satisfies never;
  }
}

function toneOf({ name }: ClientStatus): Tone {
  if (name === 'open') return 'good';
  return name === 'closed' || name === 'waiting' || name === 'offline' ? 'bad' : 'wait';
}
