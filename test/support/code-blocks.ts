import { readText } from './documents.ts';

/** A fenced block of a document. */
export interface CodeBlock {
  /** The document's path from the root. */
  readonly document: string;
  /** The line of the document on which `text` begins, from 1. */
  readonly line: number;
  /** What the block is marked as: `ts`, `sh`; empty when it is not. */
  readonly language: string;
  readonly text: string;
  /** What a hidden comment `<!-- preamble … -->` right before the block brings along; often nothing. */
  readonly preamble: Preamble | undefined;
  /** The name in a first line that is nothing but a file's name: `// app.ts`. */
  readonly fileName: string | undefined;
}

/** Lines that complete a block for the compiler and are not shown to readers. */
export interface Preamble {
  readonly line: number;
  readonly text: string;
}

const FENCE = /^```(\w*)\s*$/;
const PREAMBLE_START = '<!-- preamble';
const PREAMBLE_END = '-->';

/** Finds the fenced blocks of a document, in order. Throws when a fence or a preamble does not end. */
export function codeBlocks(document: string): readonly CodeBlock[] {
  const lines = readText(document).split('\n');
  const blocks: CodeBlock[] = [];
  let preamble: Preamble | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const language = FENCE.exec(line)?.[1];
    if (language !== undefined) {
      const text = linesUntil('```', at);
      const fileName = /^\/\/ ([\w.-]+\.ts)$/.exec(text[0] ?? '')?.[1];
      const found = { document, line: at + 2, language, text: text.join('\n') };
      blocks.push({ ...found, preamble, fileName });
      preamble = undefined;
      at += text.length + 1;
    } else if (line === PREAMBLE_START) {
      const text = linesUntil(PREAMBLE_END, at);
      preamble = { line: at + 2, text: text.join('\n') };
      at += text.length + 1;
    } else if (line.trim() !== '') {
      preamble = undefined;
    }
  }
  return blocks;

  function linesUntil(end: string, start: number): readonly string[] {
    const last = lines.indexOf(end, start + 1);
    if (last === -1) throw new Error(`${document}:${start + 1} is not closed by ${end}`);
    return lines.slice(start + 1, last);
  }
}
