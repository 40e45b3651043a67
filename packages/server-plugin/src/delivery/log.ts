/** Where delivery reports to; Fastify's logger fits. */
export interface DeliveryLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  debug(details: object, message: string): void;
}
