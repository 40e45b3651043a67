import {
  defaultFieldResolver,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLFieldResolver,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLSchema,
  GraphQLUnionType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { resolveProperty } from './field-resolver.ts';
import { passSkip, sendSkip } from './skip-through-middleware.ts';

/** Calls the next middleware, or the resolver; what is left out stays as it is. */
export type ResolveNext = (
  root?: unknown,
  args?: { [name: string]: unknown },
  context?: unknown,
  info?: GraphQLResolveInfo,
) => unknown;

/**
 * A function around every resolver, `publish` and `subscribe`.
 *
 * It may be asynchronous, change what it passes on or returns, or not call `resolve` at all. One
 * that declares `(resolve, root, args)` only does not hinder sharing.
 */
export type Middleware = (
  resolve: ResolveNext,
  root: never,
  args: never,
  context: never,
  info: GraphQLResolveInfo,
) => unknown;

type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Field = GraphQLFieldConfig<unknown, unknown>;

/**
 * The schema with middleware around its functions, the first one outermost.
 *
 * The schema given is not changed; it is returned as it is when there is nothing to do.
 */
export function applyMiddleware(
  schema: GraphQLSchema,
  middleware: readonly Middleware[],
): GraphQLSchema {
  if (middleware.length === 0 && !hasDefaultResolvers(schema)) return schema;
  return new SchemaCopy(schema, middleware).copy();
}

/** Some builders set graphql's default resolver on each field; ours must take its place. */
function hasDefaultResolvers(schema: GraphQLSchema): boolean {
  return Object.values(schema.getTypeMap()).some(
    (type) =>
      (isObjectType(type) || isInterfaceType(type)) &&
      Object.values(type.getFields()).some(({ resolve }) => resolve === defaultFieldResolver),
  );
}

/** A copy of all types that lead to functions; input types, enums and scalars are the same. */
class SchemaCopy {
  readonly #schema: GraphQLSchema;
  readonly #middleware: readonly Middleware[];
  readonly #copies = new Map<GraphQLNamedType, GraphQLNamedType>();

  constructor(schema: GraphQLSchema, middleware: readonly Middleware[]) {
    this.#schema = schema;
    this.#middleware = middleware;
  }

  copy(): GraphQLSchema {
    const config = this.#schema.toConfig();
    return new GraphQLSchema({
      ...config,
      query: this.#root(config.query),
      mutation: this.#root(config.mutation),
      subscription: this.#root(config.subscription),
      types: config.types.map((type) => this.#named(type)),
    });
  }

  #root(type: GraphQLObjectType | null | undefined): GraphQLObjectType | null {
    return type ? this.#object(type) : null;
  }

  #named(type: GraphQLNamedType): GraphQLNamedType {
    if (isObjectType(type)) return this.#object(type);
    if (isInterfaceType(type)) return this.#interface(type);
    if (isUnionType(type)) return this.#union(type);
    return type;
  }

  #object(type: GraphQLObjectType): GraphQLObjectType {
    // Introspection types have no functions of the app, and graphql knows them by identity.
    if (type.name.startsWith('__')) return type;
    return this.#once(type, () => {
      const config = type.toConfig();
      return new GraphQLObjectType({
        ...config,
        interfaces: () => config.interfaces.map((each) => this.#interface(each)),
        fields: () => this.#fields(config.fields),
      });
    });
  }

  #interface(type: GraphQLInterfaceType): GraphQLInterfaceType {
    return this.#once(type, () => {
      const config = type.toConfig();
      return new GraphQLInterfaceType({
        ...config,
        interfaces: () => config.interfaces.map((each) => this.#interface(each)),
        fields: () => this.#fields(config.fields),
      });
    });
  }

  #union(type: GraphQLUnionType): GraphQLUnionType {
    return this.#once(type, () => {
      const config = type.toConfig();
      return new GraphQLUnionType({
        ...config,
        types: () => config.types.map((each) => this.#object(each)),
      });
    });
  }

  #once<T extends GraphQLNamedType>(type: T, create: () => T): T {
    const known = this.#copies.get(type);
    // The copy of a type is of the same kind: `create` made it.
    if (known !== undefined) return known as T;
    const copy = create();
    this.#copies.set(type, copy);
    return copy;
  }

  #fields(
    fields: GraphQLFieldConfigMap<unknown, unknown>,
  ): GraphQLFieldConfigMap<unknown, unknown> {
    return Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, this.#field(field)]),
    );
  }

  #field(field: Field): Field {
    const { resolve: own, subscribe, ...rest } = field;
    const resolve = own === defaultFieldResolver ? undefined : own;
    const copy: Field = { ...rest, type: this.#output(field.type) };
    if (this.#middleware.length === 0) {
      if (resolve) copy.resolve = resolve;
      if (subscribe) copy.subscribe = subscribe;
      return copy;
    }
    copy.resolve =
      subscribe && field.extensions?.['groupcast']
        ? sendSkip(this.#wrap(passSkip(resolve ?? resolveProperty)))
        : this.#wrap(resolve ?? resolveProperty);
    if (subscribe) copy.subscribe = this.#wrap(subscribe);
    return copy;
  }

  #wrap(resolver: Resolver): Resolver {
    return this.#middleware.reduceRight<Resolver>(
      (next, layer) => (root, args, context, info) => {
        const resolve: ResolveNext = (r = root, a = args, c = context, i = info) =>
          next(r, a, c, i);
        // What a middleware says of its parameters is between it and the app.
        return layer(resolve, root as never, args as never, context as never, info);
      },
      resolver,
    );
  }

  #output(type: GraphQLOutputType): GraphQLOutputType {
    if (isNonNullType(type)) return new GraphQLNonNull(this.#nullable(type.ofType));
    return this.#nullable(type);
  }

  #nullable(type: GraphQLOutputType): GraphQLOutputType {
    if (isListType(type)) return new GraphQLList(this.#output(type.ofType));
    if (isObjectType(type)) return this.#object(type);
    if (isInterfaceType(type)) return this.#interface(type);
    if (isUnionType(type)) return this.#union(type);
    return type;
  }
}
