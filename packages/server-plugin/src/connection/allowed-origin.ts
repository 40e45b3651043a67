/** Which pages may connect. */
export type AllowedOrigins = 'same-host' | '*' | readonly (string | RegExp)[];

/** What the upgrade request says about where it comes from and where it goes. */
export interface UpgradeOrigin {
  /** The `Origin` header; browsers always send it, other clients hardly ever. */
  readonly origin: string | undefined;
  /** Host and port as the client addressed them, proxies considered. */
  readonly host: string;
}

/** Tells whether a page of that origin may connect. Who sends no `Origin` is no page, and may. */
export function isOriginAllowed(allowed: AllowedOrigins, { origin, host }: UpgradeOrigin): boolean {
  if (origin === undefined || allowed === '*') return true;
  if (allowed === 'same-host') return isSameHost(origin, host);
  return allowed.some((each) =>
    typeof each === 'string'
      ? each === origin
      : new RegExp(each.source, each.flags.replace(/[gy]/g, '')).test(origin),
  );
}

function isSameHost(origin: string, host: string): boolean {
  try {
    const page = new URL(origin);
    // The page's scheme gives the port that the `Host` header leaves out.
    const target = new URL(`${page.protocol}//${host}`);
    return page.host !== '' && page.host === target.host;
  } catch {
    // `Origin: null` of a sandboxed page, or a header that is no origin.
    return false;
  }
}
