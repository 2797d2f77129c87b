import type { ClientEntity } from '../client/client.entity.js';
import type { RequestContext } from '../request-context.js';

/** The same request, done by a client that has just been recognised. */
export function asClient(ctx: RequestContext, { name }: Pick<ClientEntity, 'name'>): RequestContext {
  return { ...ctx, actor: { id: null, name, roles: [] } };
}
