/** Ours, with more work for each delivery, operation and connection than it has. */
import { startOurs } from '../src/servers/ours.mjs';

const DELIVERY_US = 100;
const OPERATION_US = 150;
const CONNECTION_US = 1_500;

function burn(microseconds) {
  const endsAt = performance.now() + microseconds / 1_000;
  while (performance.now() < endsAt);
  return true;
}

export function start() {
  return startOurs({
    options: {
      onConnect: () => burn(CONNECTION_US),
      onOperation: () => {
        burn(OPERATION_US);
      },
    },
    definition: { filter: () => burn(DELIVERY_US) },
  });
}
