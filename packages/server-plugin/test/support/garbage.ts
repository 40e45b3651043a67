import { type Random, whole } from '../../../client/test/support/seeded.ts';

/** What somebody may publish on our channels who knows nothing of us, or means ill. */
const kinds: readonly ((random: Random) => Buffer | string)[] = [
  () => '',
  (random) =>
    Buffer.from(Array.from({ length: whole(random, 1, 300) }, () => whole(random, 0, 255))),
  // MessagePack: half a map, a number, nil, a deep array, a map that holds no message.
  () => Buffer.from([0x82, 0xa2]),
  () => Buffer.from([0x07]),
  () => Buffer.from([0xc0]),
  (random) => Buffer.alloc(whole(random, 1, 30_000), 0x91),
  () => Buffer.from([0x81, 0xa5, ...Buffer.from('topic'), 0x07]),
  // JSON: cut off, deep, of other shapes, of another version, numbered wrongly.
  () => '{"v":1,"payload":{"author":"x"',
  (random) => `{"v":1,"payload":${'['.repeat(whole(random, 1, 30_000))}`,
  () => '{}',
  () => '{"v":2,"payload":{"author":"x","seq":1}}',
  () => '{"v":1,"from":7,"n":"1","payload":{"author":"x","seq":1}}',
  () => `{"v":1,"from":"${'x'.repeat(65)}","n":1,"payload":{"author":"x","seq":1}}`,
  () => '{"v":1,"from":"x","n":-1,"payload":{"author":"x","seq":1}}',
  () => '{"__proto__":{"v":1},"constructor":{"payload":1}}',
  () => '[1]',
  () => 'hello',
];

/** A message that is none of ours. */
export function garbage(random: Random): Buffer | string {
  return kinds[whole(random, 0, kinds.length - 1)]?.(random) ?? '';
}
