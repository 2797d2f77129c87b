import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.type.js';
import { DurationScalar, UrlScalar } from '../graphql/scalars.js';
import {
  AssertionAudienceEnum,
  ExpiresInUnitEnum,
  GrantTypeEnum,
  ProviderKindEnum,
  RevocationScopeEnum,
  RotationEnum,
  TokenEndpointAuthMethodEnum,
} from './provider-enum.types.js';
import type {
  AssertionAudience,
  ExpiresInUnit,
  GrantType,
  ProviderKind,
  RevocationScope,
  Rotation,
  TokenEndpointAuthMethod,
} from './provider-enums.js';

@ObjectType('Provider', {
  implements: NodeType,
  description: 'An authorization server. Others say: OAuth provider, connected app, credential provider.',
})
export class ProviderType extends NodeType {
  @Access('RECORD')
  @Field({ description: 'Short unique name; stands in the redirect URI and never changes.' })
  key!: string;

  @Access('RECORD')
  @Field({ description: 'Name for people.' })
  name!: string;

  @Access('RECORD')
  @Field(() => ProviderKindEnum, { description: 'Who answers for it.' })
  kind!: ProviderKind;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'Key of the catalogue entry it was made from.' })
  catalogueKey!: string | null;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'What it is for, such as commerce.' })
  category!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: "The provider's manual." })
  documentationUrl!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: 'Issuer identifier (RFC 8414 §2), compared exactly.' })
  issuer!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, {
    nullable: true,
    description: 'Where a person consents (RFC 6749 §3.1). Others say: auth URL.',
  })
  authorizationEndpoint!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, {
    nullable: true,
    description: 'Where tokens are obtained (RFC 6749 §3.2). Others say: access token URL, grant token URL.',
  })
  tokenEndpoint!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: 'Where tokens are refreshed, if not at the token endpoint.' })
  refreshEndpoint!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: 'Where tokens are revoked (RFC 7009).' })
  revocationEndpoint!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: 'Where tokens are introspected (RFC 7662).' })
  introspectionEndpoint!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, {
    nullable: true,
    description: 'Where the account of a token is told (OpenID Connect Core §5.3).',
  })
  userinfoEndpoint!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: 'Where a device asks for a code (RFC 8628).' })
  deviceAuthorizationEndpoint!: string | null;

  @Access('RECORD')
  @Field(() => [GrantTypeEnum], { description: 'Grant types that may be used here.' })
  grantTypes!: GrantType[];

  @Access('RECORD')
  @Field(() => TokenEndpointAuthMethodEnum, {
    description: 'How its clients prove themselves unless they say otherwise.',
  })
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @Access('RECORD')
  @Field({ description: 'Whether authorization requests use PKCE with S256 (RFC 7636).' })
  pkce!: boolean;

  @Access('RECORD')
  @Field({ description: 'What stands between scopes on the wire; a blank by RFC 6749 §3.3.' })
  scopeSeparator!: string;

  @Access('RECORD')
  @Field(() => [String], { description: 'Scopes asked for when a request names none.' })
  defaultScopes!: string[];

  @Access('RECORD')
  @Field(() => [String], { description: 'Scopes without which no request is sent.' })
  requiredScopes!: string[];

  @Access('RECORD')
  @Field({ description: 'Whether an answer without a refresh token is a failure.' })
  requireRefreshToken!: boolean;

  @Access('RECORD')
  @Field(() => RotationEnum, { description: 'What becomes of a refresh token when it is used.' })
  rotation!: Rotation;

  @Access('RECORD')
  @Field(() => RevocationScopeEnum, { description: 'What a revocation ends.' })
  revocationScope!: RevocationScope;

  @Access('RECORD')
  @Field(() => ExpiresInUnitEnum, { description: 'What `expires_in` counts.' })
  expiresInUnit!: ExpiresInUnit;

  @Access('RECORD')
  @Field(() => AssertionAudienceEnum, { description: 'Audience of client assertions.' })
  assertionAudience!: AssertionAudience;

  @Access('RECORD')
  @Field(() => DurationScalar, {
    nullable: true,
    description: 'Lifetime of an access token whose answer does not say.',
  })
  accessTokenLifetime!: string | null;

  @Access('RECORD')
  @Field(() => DurationScalar, {
    nullable: true,
    description: 'How long a consent lasts without use; then a person must consent again.',
  })
  authorizationLifetime!: string | null;

  @Access('RECORD')
  @Field(() => DurationScalar, {
    nullable: true,
    description: 'How long a consent lasts at most, however much it is used; then a person must consent again.',
  })
  authorizationAbsoluteLifetime!: string | null;

  @Access('RECORD')
  @Field(() => DurationScalar, {
    description: 'How long before its expiry an access token is refreshed; at most a fifth of its lifetime.',
  })
  refreshMargin!: string;

  @Access('RECORD')
  @Field({ description: 'The switch: a provider that is off serves no requests.' })
  enabled!: boolean;

  @Access('RECORD')
  @Field({ description: 'When the record was made.' })
  createdAt!: Date;

  @Access('RECORD')
  @Field({ description: 'When the record last changed.' })
  updatedAt!: Date;
}

export const ProviderConnection = connectionType('Provider', ProviderType);
