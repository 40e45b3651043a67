/** Ours, with more work for each delivery, operation and connection than it has. */
import { startOurs } from '../src/servers/ours.mjs';

const DELIVERY_US = 100;
const OPERATION_US = 200;
const CONNECTION_US = 3_000;

/** By its own clock: while others have the processor, nothing is burnt. */
function burn(microseconds) {
  const startedAt = process.cpuUsage();
  while (process.cpuUsage(startedAt).user + process.cpuUsage(startedAt).system < microseconds);
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
