import type { JsonObject } from '@groupcast/protocol';

const PLAIN_CONFIRMATION = '{"data":null}';
const ASKED_CONFIRMATION = '{"data":null,"extensions":{"groupcast":{"v":1,"confirmed":true}}}';

/**
 * The result that confirms a subscription; undefined when nobody wants one.
 *
 * A client asks for it per operation by `extensions: { groupcast: { v: 1, confirm: true } }` and
 * recognises it by the answer's extensions. The server may confirm to everybody, by null data.
 */
export function confirmation(
  extensions: JsonObject | undefined,
  confirmsAll: boolean,
): string | undefined {
  if (isAskedFor(extensions?.['groupcast'])) return ASKED_CONFIRMATION;
  return confirmsAll ? PLAIN_CONFIRMATION : undefined;
}

function isAskedFor(ours: unknown): boolean {
  return (
    typeof ours === 'object' &&
    ours !== null &&
    'v' in ours &&
    ours.v === 1 &&
    'confirm' in ours &&
    ours.confirm === true
  );
}
