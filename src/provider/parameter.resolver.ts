import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { SecretReader } from '../audit/secret-reader.js';
import { isId } from '../ids.js';
import { holdsProvider, notHeld } from '../reach.js';
import { Access, requireAccess } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { Parameter } from './parameter.js';
import { ParameterType } from './parameter.type.js';

/** A parameter with the record it belongs to, for the audit trail. */
type OwnedParameter = Parameter & { ownerId: string; field: string };

@Resolver(() => ParameterType)
export class ParameterResolver {
  constructor(private readonly secrets: SecretReader) {}

  @Access('PARAMETER')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Its value; that of a secret parameter reads null to everyone but a System Manager.',
  })
  value(@Ctx() ctx: GraphQLContext, @Root() parameter: OwnedParameter): Promise<string> | string {
    if (!parameter.secret) return parameter.value;
    requireAccess('SECRET', ctx.actor, 'The value of a secret parameter');
    if (isId('provider', parameter.ownerId) && !holdsProvider(ctx, parameter.ownerId)) throw notHeld();
    const name = `${parameter.field}.${parameter.name}`;
    return this.secrets.read(ctx, parameter.ownerId, name, () => Promise.resolve(parameter.value));
  }
}
