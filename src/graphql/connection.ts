import { type ClassType, Field, Int, ObjectType } from 'type-graphql';
import type { Page } from '../database/page.js';
import { Access } from './access.js';

@ObjectType({ description: 'Where a page of a list begins and ends (Relay).' })
export class PageInfo {
  @Access('RECORD')
  @Field({ description: 'Whether there is more after this page.' })
  hasNextPage!: boolean;

  @Access('RECORD')
  @Field({ description: 'Whether there is more before this page.' })
  hasPreviousPage!: boolean;

  @Access('RECORD')
  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first entry: give it as `before` for the page before.',
  })
  startCursor!: string | null;

  @Access('RECORD')
  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last entry: give it as `after` for the next page.',
  })
  endCursor!: string | null;
}

export interface Connection<T> {
  edges: { node: T; cursor: string }[];
  nodes: T[];
  pageInfo: PageInfo;
  totalCount: () => Promise<number>;
}

/** The Relay connection type of a node type; `name` is the node's GraphQL name. */
export function connectionType<T extends object>(name: string, nodeType: ClassType<T>): ClassType<Connection<T>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a list, with its cursor.` })
  class Edge {
    @Access('RECORD')
    @Field(() => nodeType, { description: 'The entry.' })
    node!: T;

    @Access('RECORD')
    @Field({ description: 'Where the entry stands in the list.' })
    cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name} records.` })
  class ConnectionType implements Connection<T> {
    @Access('RECORD')
    @Field(() => [Edge], { description: 'The entries with their cursors.' })
    edges!: Edge[];

    @Access('RECORD')
    @Field(() => [nodeType], { description: 'The entries.' })
    nodes!: T[];

    @Access('RECORD')
    @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
    pageInfo!: PageInfo;

    count!: () => Promise<number>;

    @Access('RECORD')
    @Field(() => Int, { description: 'How many entries the whole list has; counted only when asked for.' })
    totalCount(): Promise<number> {
      return this.count();
    }
  }
  return ConnectionType;
}

/** A page of rows as a Relay connection. */
export function toConnection<T>(page: Page<T>): Omit<Connection<T>, 'totalCount'> & { count: () => Promise<number> } {
  const edges = page.rows.map((node) => ({ node, cursor: page.cursorOf(node) }));
  return {
    edges,
    nodes: page.rows,
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: page.hasPrevious,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count: page.count,
  };
}
