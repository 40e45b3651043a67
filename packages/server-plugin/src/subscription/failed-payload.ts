/**
 * Stands where a payload should be, but getting one has failed: the field's `resolve` throws `error`,
 * so that clients see what they see when `publish` throws.
 */
export class FailedPayload {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}
