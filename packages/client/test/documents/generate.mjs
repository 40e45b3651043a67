/**
 * Writes the documents that the type tests read, with the tools that applications use. Run it after
 * a change of the schema, the operations or a tool: `node packages/client/test/documents/generate.mjs`
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { minifyIntrospection, outputIntrospectionFile } from 'gql.tada/internal';
import { buildSchema, introspectionFromSchema, parse } from 'graphql';

const schema = read('schema.graphql');
const operations = read('operations.graphql');

/** One folder for each way in which client-preset writes documents. */
const codegenModes = {
  node: {},
  string: { documentMode: 'string' },
  'persisted-node': { persisted: 'embedHashInDocument' },
  'persisted-string': { documentMode: 'string', persisted: 'embedHashInDocument' },
  'hash-only-node': { persisted: 'replaceDocumentWithHash' },
  'hash-only-string': { documentMode: 'string', persisted: 'replaceDocumentWithHash' },
};

/** Makes every file anew, as a map from its name below `generated/` to its text. */
export async function generate() {
  const files = new Map();
  for (const [folder, mode] of Object.entries(codegenModes)) {
    for (const [name, text] of await runCodegen(folder, mode)) files.set(name, text);
  }
  files.set('tada/introspection.d.ts', runTada());
  return files;
}

async function runCodegen(folder, { documentMode, persisted }) {
  const outputs = await preset.buildGeneratesSection({
    baseOutputDir: `${folder}/`,
    schema: parse(schema),
    schemaAst: buildSchema(schema),
    documents: [
      { location: 'operations.graphql', rawSDL: operations, document: parse(operations) },
    ],
    config: { documentMode, useTypeImports: true, importExtension: '.ts' },
    presetConfig: {
      fragmentMasking: false,
      skipIndexFile: true,
      ...(persisted && { persistedDocuments: { mode: persisted } }),
    },
    plugins: [],
    pluginMap: {},
  });
  // gql.ts only finds the documents again; all at once, for the persisted ones wait for graphql.ts
  const wanted = outputs.filter(({ filename }) => !filename.endsWith('/gql.ts'));
  return Promise.all(wanted.map(async (output) => [output.filename, await codegen(output)]));
}

function runTada() {
  const introspection = minifyIntrospection(introspectionFromSchema(buildSchema(schema)));
  return outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true });
}

function read(name) {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const target = new URL('generated/', import.meta.url);
  rmSync(target, { recursive: true, force: true });
  for (const [name, text] of await generate()) {
    const file = fileURLToPath(new URL(name, target));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
