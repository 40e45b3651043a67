/** The load generator, in a process of its own: `node load-process.mjs`. */
import { Clients } from './load/clients.mjs';
import { obey } from './orders.mjs';

/** @type {Clients} */
let clients;

obey({
  target: (options) => {
    clients = new Clients(options);
  },
  open: (options) => clients.open(options),
  subscribe: (options) => clients.subscribe(options),
  expect: (options) => clients.expect(options),
  query: (options) => clients.query(options),
  pause: (options) => clients.pause(options),
  resume: () => clients.resume(),
  comeAndGo: (options) => clients.comeAndGo(options),
  counts: () => clients.counts(),
});
