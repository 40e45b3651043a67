import { notPlain } from './not-plain.ts';

/** What a short document may use beyond what its length gives it. */
const BASE = 100;

/** Characters of a document that pay for one selection. */
const CHARACTERS_PER_SELECTION = 2;

/**
 * How many selections of a document may be compiled, in all.
 *
 * In proportion to its text, as the memory for its parsed form is: fragments in fragments can make a
 * thousand fields of a line.
 */
export class Budget {
  #left: number;

  /** @param characters - the length of the document's text */
  constructor(characters: number) {
    this.#left = BASE + characters / CHARACTERS_PER_SELECTION;
  }

  /** Takes one selection; leaves the compiled way when there is none left. */
  spend(): void {
    this.#left -= 1;
    if (this.#left < 0) notPlain();
  }
}
