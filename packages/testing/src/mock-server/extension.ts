import type { JsonObject, ResultPayload } from '@groupcast/protocol';

/** What a client has asked for of the protocol extension. */
export interface ExtensionRequest {
  readonly confirm: boolean;
  readonly gaps: boolean;
}

/** Why a subscription has missed something, and how much of it. */
export interface MockGap {
  /** `queue` and `broker` are what servers send; a client has to take any. */
  readonly reason: string;
  /** How many events were dropped; servers say so of `queue`. */
  readonly dropped?: number;
}

/** Reads what is asked for by `extensions.groupcast`: see docs/protocol-extension.md. */
export function readExtension(extensions: JsonObject | undefined): ExtensionRequest {
  const { v, confirm, gaps }: JsonObject = Object(extensions?.['groupcast']);
  return { confirm: v === 1 && confirm === true, gaps: v === 1 && gaps === true };
}

/** The result that says that a subscription is live. */
export const confirmation: ResultPayload = noticeOf({ confirmed: true });

/** The result that tells of a gap. */
export function gapNotice(gap: MockGap): ResultPayload {
  return noticeOf({ gap });
}

function noticeOf(said: JsonObject): ResultPayload {
  return { data: null, extensions: { groupcast: { v: 1, ...said } } };
}
