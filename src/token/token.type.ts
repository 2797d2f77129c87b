import { Field, Int, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { DurationScalar } from '../graphql/scalars.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.type.js';
import { GrantTypeEnum } from '../provider/provider-enum.types.js';
import type { GrantType } from '../provider/provider-enums.js';
import { ConnectionStateEnum } from './token-enum.types.js';
import type { ConnectionState } from './token-enums.js';

@ObjectType('Token', {
  implements: NodeType,
  description:
    'A grant with its credential: what the hub may do for one account at one provider. Others say: OAuth token, account, connection, security profile.',
})
export class TokenType extends NodeType {
  @Access('RECORD')
  @Field({ description: 'Unique name, for people and scripts.' })
  name!: string;

  @Access('RECORD')
  @Field(() => GrantTypeEnum, { description: 'How it is obtained.' })
  grantType!: GrantType;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'Id of the token in another system, given by the caller.' })
  externalId!: string | null;

  @Access('RECORD')
  @Field({
    description: "Whether requests use the provider's default client of their time. Others say: use default keys.",
  })
  useProviderClient!: boolean;

  @Access('RECORD')
  @Field(() => ConnectionStateEnum, { description: 'Outcome of the last exchange.' })
  connectionState!: ConnectionState;

  @Access('RECORD')
  @Field({ description: "The administrator's switch." })
  enabled!: boolean;

  @Access('RECORD')
  @Field(() => [String], { description: 'Scopes that were granted (RFC 6749 §5.1). Others say: permissions.' })
  grantedScopes!: string[];

  @Access('RECORD')
  @Field(() => [String], { description: 'Resources that it is for (RFC 8707). Others say: audience.' })
  resource!: string[];

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'Last four characters of the access token.' })
  accessTokenHint!: string | null;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'How the access token is used (RFC 6749 §7.1), mostly Bearer.' })
  tokenType!: string | null;

  @Access('RECORD')
  @Field(() => Int, {
    nullable: true,
    description: 'From the issue to `expiresAt`, in seconds; null when unknown.',
  })
  expiresIn!: number | null;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: '`expires_in` as it came, where it was unusual.' })
  rawExpiresIn!: string | null;

  @Access('RECORD')
  @Field(() => Date, {
    nullable: true,
    description:
      'When the access token expires; null when unknown. Of one whose values its client fetches at the token endpoint of the hub: when the grant ends; each access token of it lives an hour at most.',
  })
  expiresAt!: Date | null;

  @Access('RECORD')
  @Field(() => Date, { nullable: true, description: 'When the refresh token expires, if the provider says.' })
  refreshTokenExpiresAt!: Date | null;

  @Access('RECORD')
  @Field(() => Date, {
    nullable: true,
    description:
      'When the consent ends by the limits of the provider: unused for so long, or so long after it was given, whichever is earlier.',
  })
  authorizationExpiresAt!: Date | null;

  @Access('RECORD')
  @Field({ description: 'Whether it is refreshed before it expires.' })
  autoRefresh!: boolean;

  @Access('RECORD')
  @Field(() => DurationScalar, { nullable: true, description: 'How often it is obtained anew; null when it is not.' })
  resetInterval!: string | null;

  @Access('RECORD')
  @Field(() => Date, { nullable: true, description: 'When the access token was obtained.' })
  issuedAt!: Date | null;

  @Access('RECORD')
  @Field(() => Date, { nullable: true, description: 'When it was last refreshed.' })
  lastRefreshedAt!: Date | null;

  @Access('RECORD')
  @Field(() => Date, {
    nullable: true,
    description:
      'When its access token was last read or, of one that the hub has issued, last used here or asked about by a resource server, to the minute; of a JWT that a server checks by itself the hub learns nothing.',
  })
  lastUsedAt!: Date | null;

  @Access('RECORD')
  @Field(() => Int, {
    description: 'Counts the credentials it has had; give it to refreshToken as expectedGeneration.',
  })
  generation!: number;

  @Access('RECORD')
  @Field({ description: 'When the record was made.' })
  createdAt!: Date;

  @Access('RECORD')
  @Field({ description: 'When the record last changed.' })
  updatedAt!: Date;
}

export const TokenConnectionType = connectionType('Token', TokenType);
