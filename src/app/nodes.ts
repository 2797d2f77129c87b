import type { GraphQLContext } from '../graphql/context.js';
import { NodeFinder } from '../graphql/node-finder.js';
import type { ProviderReadService } from '../provider/provider-read.service.js';

/** Finds what `node`, `nodes` and `AuditEvent.subject` lead to: many ids of one type in one query. */
export function composeNodes(providers: Pick<ProviderReadService, 'maySee' | 'seesAny'>): NodeFinder {
  return new NodeFinder([
    {
      typeName: 'Provider',
      kind: 'provider',
      find: async (ctx, id) => (providers.maySee(ctx, id) ? ctx.loaders.providerById.load(id) : null),
    },
    { typeName: 'Client', kind: 'client', find: (ctx, id) => findClient(providers, ctx, id) },
    { typeName: 'User', kind: 'user', find: ({ loaders }, id) => loaders.userById.load(id) },
    { typeName: 'Token', kind: 'token', find: ({ loaders }, id) => loaders.tokenById.load(id) },
    { typeName: 'AuditEvent', kind: 'auditEvent', find: ({ loaders }, id) => loaders.auditEventById.load(id) },
  ]);
}

async function findClient(
  providers: Pick<ProviderReadService, 'maySee' | 'seesAny'>,
  ctx: GraphQLContext,
  id: string,
): Promise<object | null> {
  if (!providers.seesAny(ctx)) return null;
  const client = await ctx.loaders.clientById.load(id);
  return client && providers.maySee(ctx, client.providerId) ? client : null;
}
