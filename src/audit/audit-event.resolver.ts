import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { toConnection } from '../graphql/connection.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { NodeFinder } from '../graphql/node-finder.js';
import { NodeType } from '../graphql/node.type.js';
import { UserType } from '../user/user.type.js';
import type { AuditEventEntity } from './audit-event.entity.js';
import type { AuditEventReadService } from './audit-event-read.service.js';
import { AuditEventConnection, AuditEventsArgs, AuditEventType } from './audit-event.type.js';

@Resolver(() => AuditEventType)
export class AuditEventResolver {
  constructor(
    private readonly events: AuditEventReadService,
    private readonly nodes: NodeFinder,
  ) {}

  @Access('OBSERVER')
  @Query(() => AuditEventConnection, { nullable: true, description: 'The audit trail, newest first.' })
  async auditEvents(@Ctx() ctx: GraphQLContext, @Args(() => AuditEventsArgs) args: AuditEventsArgs): Promise<unknown> {
    return toConnection(await this.events.page(ctx, args.filter ?? {}, args));
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Who did it; null for the hub itself, and once the user is deleted.',
  })
  async actor(@Ctx() ctx: GraphQLContext, @Root() event: AuditEventEntity): Promise<unknown> {
    return event.actorId === null ? null : ctx.loaders.userById.load(event.actorId);
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => NodeType, { nullable: true, description: 'The record it happened to, while it exists.' })
  async subject(@Ctx() ctx: GraphQLContext, @Root() event: AuditEventEntity): Promise<unknown> {
    return event.subjectId === null ? null : this.nodes.find(ctx, event.subjectId);
  }
}
