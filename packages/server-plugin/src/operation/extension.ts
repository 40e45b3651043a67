import type { JsonObject } from '@groupcast/protocol';

/**
 * What a client asks of one operation by `extensions: { groupcast: { v: 1, … } }`.
 *
 * @see docs/protocol-extension.md
 */
export interface ExtensionRequest {
  /** To be told when its subscription is live. */
  readonly confirm: boolean;
  /** To be told when its subscription has missed something. */
  readonly gaps: boolean;
}

/** Why a subscription has missed something, or may have. */
export type Gap =
  | { readonly reason: 'queue'; readonly dropped: number }
  | {
      readonly reason: 'broker';
      /** How many events are missing; absent after an outage, when nobody knows. */
      readonly dropped?: number;
    };

const nothing: ExtensionRequest = { confirm: false, gaps: false };

/** Reads what is asked for; versions and keys that are not known ask for nothing. */
export function readExtension(extensions: JsonObject | undefined): ExtensionRequest {
  const ours: unknown = extensions?.['groupcast'];
  if (typeof ours !== 'object' || ours === null || !('v' in ours) || ours.v !== 1) return nothing;
  return {
    confirm: 'confirm' in ours && ours.confirm === true,
    gaps: 'gaps' in ours && ours.gaps === true,
  };
}

const bareConfirmation = resultOf({ confirmed: true });

/**
 * The result that confirms a subscription to a client that asked.
 *
 * @param retryAfterMs - how long the client waits at least before it dials again, should the
 *   connection end without a close frame; 0 is not said
 */
export function confirmation(retryAfterMs: number): string {
  return retryAfterMs === 0 ? bareConfirmation : resultOf({ confirmed: true, retryAfterMs });
}

/** The result that tells of a gap. */
export function gapNotice(gap: Gap): string {
  return resultOf({ gap });
}

/** A result that carries no event, told from those that do by its extensions. */
function resultOf(said: object): string {
  return JSON.stringify({ data: null, extensions: { groupcast: { v: 1, ...said } } });
}
