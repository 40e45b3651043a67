import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CodeBlock, codeBlocks } from './code-blocks.ts';
import { documents, root } from './documents.ts';

/** The `ts` and `tsx` blocks of all documents as modules in a folder of their own, with the workspace's packages. */
export interface ExtractedModules {
  /** Holds one folder for each document, by its path, and `node_modules`. */
  readonly folder: string;
  readonly modules: readonly ExtractedModule[];
  /** Deletes the folder. */
  remove(): void;
}

/** One block as a module. */
export interface ExtractedModule {
  readonly block: CodeBlock;
  readonly file: string;
}

/**
 * Writes every block that is marked `ts` or `tsx` to a file of its own.
 *
 * Each stands in its file on the lines that it has in the document, its preamble too, so that the
 * compiler's positions are the document's. A block whose first line is a file name has that name, so
 * that later blocks of the document can import it.
 */
export function extractModules(): ExtractedModules {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'groupcast-documents-')));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const blocks = documents()
    .flatMap((document) => codeBlocks(document))
    .filter(({ language }) => language === 'ts' || language === 'tsx');
  const modules = blocks.map((block) => {
    const file = join(
      folder,
      block.document,
      block.fileName ?? `line-${block.line}.${block.language}`,
    );
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, moduleText(block));
    return { block, file };
  });
  return { folder, modules, remove: () => rmSync(folder, { recursive: true }) };
}

function moduleText({ line, preamble, text }: CodeBlock): string {
  if (preamble === undefined) return `${'\n'.repeat(line - 1)}${text}\n`;
  const before = `${'\n'.repeat(preamble.line - 1)}${preamble.text}\n`;
  return `${before}${'\n'.repeat(line - before.split('\n').length)}${text}\n`;
}
