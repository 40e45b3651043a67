import { expect, test } from 'vitest';
import { bundleSizes } from '../../../scripts/bundle-sizes.mjs';

// Of the built packages, as users get them: `npm run build` comes first.
const sizes = await bundleSizes();

/** How many bytes more a thing costs beside the core. */
function moreBytes(name: 'legacy' | 'print'): number {
  return sizes[name].gzip - sizes.core.gzip;
}

test('the core of the client has at most 5,320 bytes gzip', () => {
  expect(sizes.core.gzip).toBeLessThanOrEqual(5_320);
});

test('the legacy subprotocol costs at most 700 bytes more', () => {
  expect(moreBytes('legacy')).toBeLessThanOrEqual(700);
});

test('the printer of documents costs at most 900 bytes more', () => {
  expect(moreBytes('print')).toBeLessThanOrEqual(900);
});

test('the core pays for neither of them', () => {
  expect(moreBytes('legacy')).toBeGreaterThan(100);
  expect(moreBytes('print')).toBeGreaterThan(100);
});
