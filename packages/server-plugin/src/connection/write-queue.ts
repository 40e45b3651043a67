/**
 * How many bytes of the write under way the system has not taken yet; 0 where the runtime does not
 * tell.
 *
 * A large message is one write, which counts as waiting until its last byte is taken. Node tells
 * its progress by no public property; its own idle timeout of sockets looks at this one.
 */
export function writeQueueBytes(stream: object): number {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle !== 'object' || handle === null) return 0;
  const bytes: unknown = Reflect.get(handle, 'writeQueueSize');
  return typeof bytes === 'number' ? bytes : 0;
}
