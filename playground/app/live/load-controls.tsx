import { useClient } from '@groupcast/client/react';
import { type ReactElement, useEffect, useState } from 'react';
import { LoadLimits, type RunningLoad, type Settings, StartLoad, StopLoad } from './documents.ts';
import { formatCount } from './formats.ts';
import { LoadStatus } from './load-status.tsx';
import { StepSlider } from './step-slider.tsx';

const GROUPS = [1, 2, 5, 10, 20, 50, 100];
const SUBSCRIBERS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
const MESSAGES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];

const FIRST: Settings = {
  groups: 5,
  subscribers: 100,
  messagesPerSecond: 100,
  share: true,
  slowReader: false,
};

interface LoadControlsProps {
  /** The load that runs, in whichever process. */
  readonly load: RunningLoad | undefined;
  readonly lastEnd: string | undefined;
}

/** Starts and stops the synthetic load. */
export function LoadControls({ load, lastEnd }: LoadControlsProps): ReactElement {
  const [settings, setSettings] = useState(FIRST);
  const change = (changed: Partial<Settings>): void => setSettings({ ...settings, ...changed });
  const { isBusy, problem, start, stop } = useLoadCalls();
  const most = useMostDeliveries();
  const deliveries = (settings.messagesPerSecond * settings.subscribers) / settings.groups;
  const isTooMuch = most !== undefined && deliveries > most;
  return (
    <section className="card load" aria-labelledby="load-title">
      <h3 id="load-title">Synthetic load</h3>
      <p className="soft small">
        Real connections, from a thread of the server to itself. It ends after five minutes, and
        soon when nobody looks at it.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start(settings);
        }}
      >
        <StepSlider
          label="Groups"
          steps={GROUPS}
          value={settings.groups}
          onChange={(groups) => change({ groups })}
        />
        <StepSlider
          label="Subscribers"
          steps={SUBSCRIBERS}
          value={settings.subscribers}
          onChange={(subscribers) => change({ subscribers })}
        />
        <StepSlider
          label="Messages per second"
          steps={MESSAGES}
          value={settings.messagesPerSecond}
          onChange={(messagesPerSecond) => change({ messagesPerSecond })}
        />
        <Choice
          label="Subscribers ask for the same, and share results"
          isChecked={settings.share}
          onChange={(share) => change({ share })}
        />
        <Choice
          label="One more reads slowly"
          isChecked={settings.slowReader}
          onChange={(slowReader) => change({ slowReader })}
        />
        <p className={isTooMuch ? 'problem' : 'soft small'} id="load-deliveries">
          Makes {formatCount(deliveries)} deliveries per second
          {isTooMuch && `, at most ${formatCount(most)} are allowed`}
        </p>
        <div className="buttons">
          <button
            type="submit"
            className="primary"
            disabled={isBusy || isTooMuch}
            aria-describedby="load-deliveries"
          >
            {load ? 'Start anew' : 'Start'}
          </button>
          <button type="button" disabled={isBusy || !load} onClick={stop}>
            Stop
          </button>
        </div>
      </form>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <LoadStatus load={load} lastEnd={lastEnd} />
    </section>
  );
}

function Choice({
  label,
  isChecked,
  onChange,
}: {
  readonly label: string;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}): ReactElement {
  return (
    <label className="choice">
      <input
        type="checkbox"
        checked={isChecked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

/** The calls of the server, one at a time, and what went wrong with the last. */
function useLoadCalls(): {
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  readonly start: (settings: Settings) => void;
  readonly stop: () => void;
} {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = async (call: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await call();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return {
    isBusy,
    problem,
    start: (settings) => void run(() => client.mutate(StartLoad, { settings })),
    stop: () => void run(() => client.mutate(StopLoad)),
  };
}

/** Undefined until the server has said it: it refuses what is too much in any case. */
function useMostDeliveries(): number | undefined {
  const client = useClient();
  const [most, setMost] = useState<number>();
  useEffect(() => {
    const controller = new AbortController();
    client.query(LoadLimits, {}, { signal: controller.signal }).then(
      ({ loadLimits }) => setMost(loadLimits.deliveriesPerSecond),
      () => undefined,
    );
    return () => controller.abort();
  }, [client]);
  return most;
}
