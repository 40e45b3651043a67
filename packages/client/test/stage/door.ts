import type { JsonObject } from '@groupcast/protocol';
import type { Refusal } from './controls.ts';

/** Who comes in: keeps what connections say of themselves, and knows whether to refuse them. */
export class Door {
  readonly #params: (JsonObject | null)[] = [];
  #refusal: Refusal | undefined;

  get params(): readonly (JsonObject | null)[] {
    return this.#params;
  }

  refuse(refusal: Refusal): void {
    this.#refusal = refusal;
  }

  accept(): void {
    this.#refusal = undefined;
  }

  /**
   * Takes the payload of a `connection_init`.
   *
   * @returns the close code by which it is refused; undefined lets it in
   */
  knock(params: JsonObject | null | undefined): 4401 | 4403 | undefined {
    this.#params.push(params ?? null);
    const refusal = this.#refusal;
    if (refusal?.once) this.accept();
    return refusal && (refusal.code ?? 4403);
  }
}
