import { parentPort, workerData } from 'node:worker_threads';
import type { LoadSettings } from './load-settings.ts';
import { LoadSubscriber } from './load-subscriber.ts';
import type { LoadNews, LoadOrder } from './load-thread.ts';

/** How many subscribers connect at a time. */
const CONNECTING = 20;
/** Milliseconds between two reports. */
const REPORT_MS = 100;

const SUBSCRIBE = `subscription Load($groups: [String!]!, $subscriber: Int) {
  load(groups: $groups, subscriber: $subscriber) { number sentAt }
}`;
/** Its own document, whose results are large: what it has not read is soon too much to be buffered. */
const SUBSCRIBE_SLOWLY = `subscription SlowReader($groups: [String!]!) {
  load(groups: $groups) { number sentAt padding(length: 65536) }
}`;

const { url, name, groups, settings } = workerData as LoadOrder;
const subscribers: LoadSubscriber[] = [];
let live = 0;
let received = 0;

function tell(news: LoadNews): void {
  parentPort?.postMessage(news);
}

function connect(index: number, { share, slowReader, subscribers: count }: LoadSettings): void {
  const isSlow = slowReader && index === count;
  const group = groups[index % groups.length] ?? '';
  const subscriber = new LoadSubscriber({
    url,
    name,
    isSlow,
    query: isSlow ? SUBSCRIBE_SLOWLY : SUBSCRIBE,
    variables: isSlow ? { groups } : { groups: [group], subscriber: share ? null : index },
    onResult: () => {
      if (!isSlow) received += 1;
    },
    onLost: (reason) => tell({ name: 'lost', reason }),
  });
  subscribers.push(subscriber);
}

async function connectAll(): Promise<void> {
  const count = settings.subscribers + (settings.slowReader ? 1 : 0);
  for (let first = 0; first < count; first += CONNECTING) {
    const last = Math.min(first + CONNECTING, count);
    for (let index = first; index < last; index += 1) connect(index, settings);
    await Promise.all(subscribers.slice(first, last).map((subscriber) => subscriber.live));
    live = last;
  }
  report();
}

function report(): void {
  tell({ name: 'progress', live, received });
}

const reporting = setInterval(report, REPORT_MS);
parentPort?.once('message', () => {
  clearInterval(reporting);
  for (const subscriber of subscribers) subscriber.close();
  report();
  // Nothing keeps the thread any more; sockets may, for a moment.
  parentPort?.close();
});
await connectAll();
