/** The clients of `stall.mjs`, in a process of their own; they tell when they have heard enough. */
import { SUBSCRIPTION } from './documents.mjs';
import { Connection } from './load/connection.mjs';
import { dialects } from './load/dialects.mjs';
import { obey } from './orders.mjs';

const CONCURRENCY = 50;

let heard = 0;
let gone = 0;
let isEnough = () => {};
/** How many of the next messages are awaited: until then nobody needs to hear of one. */
let awaited = Number.POSITIVE_INFINITY;

async function connect(port, room, subscriptions) {
  const connection = new Connection({
    dialect: dialects.modern,
    port,
    onMessage: ({ kind }) => {
      if (kind !== 'result') gone += 1;
      heard += 1;
      if (heard >= awaited) isEnough();
    },
    onGone: () => {
      gone += 1;
      isEnough();
    },
  });
  await connection.ready();
  for (let each = 1; each <= subscriptions; each += 1) {
    const variables = { room };
    connection.send(dialects.modern.request(String(each), SUBSCRIPTION, variables));
  }
  await connection.fence();
}

async function open({ port, room, connections, subscriptions }) {
  let left = connections;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await connect(port, room, subscriptions);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

/** Resolves when so many messages have come since the last time, or when something went wrong. */
async function expectMessages({ messages }) {
  awaited = messages;
  if (heard < awaited) {
    await new Promise((resolve) => {
      isEnough = resolve;
    });
  }
  const result = { heard, gone };
  heard = 0;
  return result;
}

obey({ open, expectMessages });
