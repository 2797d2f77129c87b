import { ArgsType, Field, Int } from 'type-graphql';
import type { PageRequest } from '../database/page.js';

/** The paging arguments of every list. */
@ArgsType()
export class PageArgs implements PageRequest {
  @Field(() => Int, { nullable: true, description: 'How many entries from the start; default 50, at most 100.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only entries after this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many entries from the end; at most 100.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only entries before this cursor.' })
  before?: string | null;
}
