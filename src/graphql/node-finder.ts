import { ID_PREFIXES, type IdKind, isId } from '../ids.js';
import type { GraphQLContext } from './context.js';

/** Finds a record of one type, or null when there is none that the caller may see. */
export type FindNode = (ctx: GraphQLContext, id: string) => Promise<object | null>;

export interface NodeSource {
  /** GraphQL name of the type. */
  readonly typeName: string;
  /** Of its ids, whose prefix tells the type. */
  readonly kind: IdKind;
  readonly find: FindNode;
}

/** Finds records by id alone. */
export class NodeFinder {
  private readonly sources: ReadonlyMap<string, NodeSource>;

  constructor(sources: readonly NodeSource[]) {
    this.sources = new Map(sources.map((source) => [ID_PREFIXES[source.kind], source]));
  }

  async find(ctx: GraphQLContext, id: string): Promise<object | null> {
    const source = this.sources.get(id.slice(0, id.indexOf('_')));
    if (!source || !isId(source.kind, id)) return null;
    const found = await source.find(ctx, id);
    return found ? { ...found, __typename: source.typeName } : null;
  }
}
