/** A parsed document, as far as it is looked at: `graphql` need not be installed. */
export interface DocumentNode {
  readonly kind: 'Document';
  readonly definitions: readonly unknown[];
}

/** How documents of codegen, Apollo, urql and gql.tada carry their types. */
export interface ApiType<R, V> {
  __apiType?: (variables: V) => R;
}

/** How documents of graphql-js carry their types. */
export interface EnsureType<R, V> {
  __ensureTypesOfVariablesAndResultMatching?: (variables: V) => R;
}

/**
 * A GraphQL document in any form: text, a `String` object of codegen, or a parsed document, with or
 * without the types of its result and variables.
 *
 * Persisted documents are sent as `query: ''` with their hash in `extensions.persistedQuery`: a
 * codegen document with `__meta__.hash`, or a parsed one with a `documentId`.
 */
export type Document<R, V> =
  | string
  | (DocumentNode & ApiType<R, V> & EnsureType<R, V>)
  | (StringObject & ApiType<R, V>);

// biome-ignore lint/complexity/noBannedTypes: codegen's TypedDocumentString is a String object
type StringObject = String;

/**
 * The arguments after the document: variables may be left out exactly when none is required.
 *
 * They are no source of `V`: it would become the type of whatever is given, unknown variables too.
 */
// biome-ignore lint/complexity/noBannedTypes: {} is what has no variables
export type Rest<V, Options> = {} extends V
  ? [variables?: NoInfer<V> | undefined, options?: Options]
  : [variables: NoInfer<V>, options?: Options];

/** Writes a parsed document as text: `printDocument` of `@groupcast/client/print`, or graphql-js's. */
export type Print = (document: never) => string;
