/**
 * How many bytes the client costs a page.
 *
 * Run it by `npm run build && node scripts/sizes.mjs`: it reads the built packages. What is allowed
 * stands in `packages/client/test/size.test.ts`.
 */
import { bundleSizes } from './bundle-sizes.mjs';

const labels = {
  core: '@groupcast/client',
  legacy: '… with legacy',
  print: '… with printDocument',
  react: '… with /react, without React',
  adapter: '… with toGraphqlWsClient',
  anchor: "for comparison, graphql-ws's client",
};

const sizes = await bundleSizes();

console.log(row('', 'minified', 'gzip', 'more'));
for (const [name, { minified, gzip }] of Object.entries(sizes)) {
  const hasCore = name !== 'core' && name !== 'anchor';
  console.log(row(labels[name], minified, gzip, hasCore ? `+${gzip - sizes.core.gzip}` : ''));
}

/**
 * @param {string} label
 * @param {...(string | number)} cells
 */
function row(label, ...cells) {
  return label.padEnd(36) + cells.map((cell) => String(cell).padStart(9)).join('');
}
