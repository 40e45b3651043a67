/** The part of Fastify's logger that is used here. */
export interface DeliveryLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  debug(details: object, message: string): void;
}
