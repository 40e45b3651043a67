import type { Wakeable } from './operation-client.ts';

/** The gate of a connection: whether notifications may go out now. */
export interface DeliveryGate {
  readonly isOpen: boolean;
  onceOpen(waiting: Wakeable): void;
  forget(waiting: Wakeable): void;
}
