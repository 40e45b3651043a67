/** Bytes of a bundle. */
export interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
}

/** What is measured: the core of the client alone, or with one thing more; or graphql-ws's client. */
export type BundleName = 'core' | 'legacy' | 'print' | 'react' | 'adapter' | 'anchor';

/** Bundles the built packages as an app for browsers does, each thing with the core of the client. */
export function bundleSizes(): Promise<Readonly<Record<BundleName, BundleSize>>>;
