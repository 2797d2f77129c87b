import type { Actor, RequestContext } from '../request-context.js';
import type { UserEntity } from './user.entity.js';

export function actorOf({ id, name, roles }: UserEntity, sessionId?: string): Actor {
  return { id, name, roles, ...(sessionId === undefined ? {} : { sessionId }) };
}

/** The same request, done by a user who has just been recognised. */
export function actingAs(ctx: RequestContext, user: UserEntity): RequestContext {
  return { requestId: ctx.requestId, ip: ctx.ip, actor: actorOf(user) };
}
