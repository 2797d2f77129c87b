import type { GraphQLContext } from './context.js';

/** Finds a record of one type, or null when there is none that the caller may see. */
export type FindNode = (ctx: GraphQLContext, id: string) => Promise<object | null>;

export interface NodeSource {
  /** GraphQL name of the type. */
  readonly typeName: string;
  /** What ids of the type begin with, up to the underscore. */
  readonly prefix: string;
  readonly find: FindNode;
}

/** Finds records by id alone: the prefix of an id tells its type. */
export class NodeFinder {
  constructor(private readonly sources: readonly NodeSource[]) {}

  async find(ctx: GraphQLContext, id: string): Promise<object | null> {
    const source = this.sourceOf(id);
    const found = source && (await source.find(ctx, id));
    return found ? { ...found, __typename: source.typeName } : null;
  }

  private sourceOf(id: string): NodeSource | undefined {
    return this.sources.find(({ prefix }) => id.startsWith(`${prefix}_`));
  }
}
