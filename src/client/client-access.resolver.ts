import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Access, requireAccess } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { ClientAccess, ClientAccessService } from './client-access.service.js';
import { ClientAccessType } from './client-access.type.js';

@Resolver()
export class ClientAccessResolver {
  constructor(private readonly access: ClientAccessService) {}

  @Access('OBSERVER')
  @Query(() => ClientAccessType, { nullable: true, description: 'Whether a client gets in and, if not, why.' })
  clientAccess(
    @Ctx() ctx: GraphQLContext,
    @Arg('id', () => ID, { description: 'Its id or, of a client of the hub, its client id.' }) id: string,
    @Arg('clientSecret', () => String, {
      nullable: true,
      description: 'A secret to check; for System Managers, audited and limited. Send it as a variable, by POST.',
    })
    clientSecret: string | null | undefined,
  ): Promise<ClientAccess | null> {
    if (clientSecret != null) requireAccess('MANAGER', ctx.actor, 'The check of a client secret');
    return this.access.check(ctx, id, clientSecret ?? null);
  }
}
