import { readText } from './documents.ts';

/** A fenced block of a document, or a module that is hidden in a comment of it. */
export interface CodeBlock {
  /** The document's path from the root. */
  readonly document: string;
  /** The line of the document on which `text` begins, from 1. */
  readonly line: number;
  /** What the block is marked as: `ts`, `tsx`, `sh`; empty when it is not. */
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
const HIDDEN = /^<!-- (preamble|module ([\w.-]+\.ts))$/;
const FILE_NAME = /^\/\/ ([\w.-]+\.tsx?)$/;

/** Finds the blocks of a document, in order. Throws when a block or a hidden comment does not end. */
export function codeBlocks(document: string): readonly CodeBlock[] {
  const lines = readText(document).split('\n');
  const blocks: CodeBlock[] = [];
  let preamble: Preamble | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const start = lines[at] ?? '';
    const language = FENCE.exec(start)?.[1];
    const hidden = HIDDEN.exec(start);
    if (language === undefined && hidden === null) {
      if (start.trim() !== '') preamble = undefined;
      continue;
    }
    const content = linesUntil(hidden === null ? '```' : '-->', at);
    const found = { line: at + 2, text: content.join('\n') };
    at += content.length + 1;
    if (language !== undefined) {
      const fileName = FILE_NAME.exec(content[0] ?? '')?.[1];
      blocks.push({ document, ...found, language, preamble, fileName });
      preamble = undefined;
    } else if (hidden?.[2] !== undefined) {
      blocks.push({ document, ...found, language: 'ts', preamble: undefined, fileName: hidden[2] });
    } else {
      preamble = found;
    }
  }
  return blocks;

  function linesUntil(end: string, start: number): readonly string[] {
    const last = lines.indexOf(end, start + 1);
    if (last === -1) throw new Error(`${document}:${start + 1} is not closed by ${end}`);
    return lines.slice(start + 1, last);
  }
}
