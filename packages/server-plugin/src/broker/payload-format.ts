/**
 * How a payload is written: JSON, plus *tags* for what JSON lacks.
 *
 * A tag is an object whose only key starts with `$`:
 *
 * | Value | Text |
 * |---|---|
 * | `undefined` | `{"$undefined":true}` |
 * | `NaN`, `Infinity`, `-Infinity`, `-0` | `{"$number":"NaN"}` and so on |
 * | a BigInt | `{"$bigint":"-12"}` |
 * | a Date | `{"$date":"2030-01-31T12:00:00.000Z"}`; an invalid one `{"$date":null}` |
 * | a Map | `{"$map":[[key,value],...]}` |
 * | a Set | `{"$set":[value,...]}` |
 * | a Uint8Array | `{"$bytes":"<base64>"}` |
 *
 * An ordinary object that looks like a tag gets one more `$`: `{"$date":1}` is written
 * `{"$$date":1}`. Objects with several keys need no such care. Any other tag is an error.
 */
export const TAG_MARK = '$';

/** The numbers that JSON can't write, by what stands in their tag. */
export const numbersByName: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/**
 * How deep a payload may be nested: objects, arrays, Maps and Sets inside each other.
 *
 * Far below what overflows the stack of whoever writes or reads it.
 */
export const MAX_DEPTH = 1_000;

/** True for everything that has properties, except functions. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
