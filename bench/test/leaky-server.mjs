/** Ours, with an app that never forgets a connection. */
import { startOurs } from '../src/servers/ours.mjs';

class Visitor {
  number = visitors.length;
}

const visitors = [];

export function start() {
  return startOurs({
    options: {
      onConnect: () => {
        visitors.push(new Visitor());
      },
    },
  });
}
