import type { DocumentNode, OperationDefinitionNode } from 'graphql';

/** A document that was parsed and found valid, shared by all connections. */
export interface PreparedDocument {
  /** Names this document in cohort keys; two parses of one text may differ in it. */
  readonly key: string;
  /** The text that it was parsed from: operations refer to this one, not to copies of their own. */
  readonly text: string;
  readonly document: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
}

/** The limits of a {@link DocumentCache}. */
export interface DocumentCacheLimits {
  readonly entries: number;
  readonly bytes: number;
}

interface Entry {
  readonly prepared: PreparedDocument;
  readonly bytes: number;
}

/** A parsed document takes about this many times the bytes of its text. */
const BYTES_PER_CHARACTER = 24;

/**
 * Valid documents by their exact text, least recently used first out.
 *
 * Bounded in entries and in an estimate of bytes (24 per character of text, since the parsed form
 * is what weighs). A document that is over the whole limit is not kept.
 */
export class DocumentCache {
  readonly #limits: DocumentCacheLimits;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: DocumentCacheLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(text: string): PreparedDocument | undefined {
    const entry = this.#entries.get(text);
    if (entry === undefined) return undefined;
    this.#entries.delete(text);
    this.#entries.set(text, entry);
    return entry.prepared;
  }

  set(text: string, prepared: PreparedDocument): void {
    const bytes = text.length * BYTES_PER_CHARACTER;
    if (bytes > this.#limits.bytes || this.#limits.entries === 0) return;
    this.#entries.set(text, { prepared, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
