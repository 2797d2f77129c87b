import { ValidateNested } from 'class-validator';
import { Field, InputType } from 'type-graphql';
import { IsScope, IsShortList, IsText } from '../graphql/input-rules.js';
import { DurationScalar, UrlScalar } from '../graphql/scalars.js';
import { ParameterInput } from './parameter.input.js';
import {
  AssertionAudienceEnum,
  ExpiresInUnitEnum,
  GrantTypeEnum,
  RevocationScopeEnum,
  RotationEnum,
  TokenEndpointAuthMethodEnum,
} from './provider-enum.types.js';
import type {
  AssertionAudience,
  ExpiresInUnit,
  GrantType,
  RevocationScope,
  Rotation,
  TokenEndpointAuthMethod,
} from './provider-enums.js';

/** Every setting of a provider; left out means unchanged, or as in what the provider is made from. */
@InputType()
export abstract class ProviderSettingsInput {
  @IsText({ max: 64 })
  @Field(() => String, { nullable: true, description: 'What it is for, such as commerce.' })
  category?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: "The provider's manual." })
  documentationUrl?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Issuer identifier (RFC 8414 §2).' })
  issuer?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where a person consents (RFC 6749 §3.1).' })
  authorizationEndpoint?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where tokens are obtained (RFC 6749 §3.2).' })
  tokenEndpoint?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where tokens are refreshed, if not at the token endpoint.' })
  refreshEndpoint?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where tokens are revoked (RFC 7009).' })
  revocationEndpoint?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where tokens are introspected (RFC 7662).' })
  introspectionEndpoint?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where the account of a token is told.' })
  userinfoEndpoint?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: 'Where a device asks for a code (RFC 8628).' })
  deviceAuthorizationEndpoint?: string | null;

  @IsShortList(20)
  @Field(() => [GrantTypeEnum], { nullable: true, description: 'Grant types that may be used.' })
  grantTypes?: GrantType[] | null;

  @Field(() => TokenEndpointAuthMethodEnum, {
    nullable: true,
    description: 'How clients prove themselves unless they say otherwise.',
  })
  tokenEndpointAuthMethod?: TokenEndpointAuthMethod | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether authorization requests use PKCE.' })
  pkce?: boolean | null;

  @IsText({ min: 0, max: 8 })
  @Field(() => String, { nullable: true, description: 'What stands between scopes; default a blank.' })
  scopeSeparator?: string | null;

  @IsShortList(100)
  @IsScope()
  @Field(() => [String], { nullable: true, description: 'Scopes asked for when a request names none.' })
  defaultScopes?: string[] | null;

  @IsShortList(100)
  @IsScope()
  @Field(() => [String], { nullable: true, description: 'Scopes without which no request is sent.' })
  requiredScopes?: string[] | null;

  @IsShortList(50)
  @ValidateNested()
  @Field(() => [ParameterInput], { nullable: true, description: 'Extra parameters of the authorization request only.' })
  authorizationParameters?: ParameterInput[] | null;

  @IsShortList(50)
  @ValidateNested()
  @Field(() => [ParameterInput], {
    nullable: true,
    description: 'Extra parameters of the token request. Others say: additional values.',
  })
  tokenParameters?: ParameterInput[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether an answer without a refresh token is a failure.' })
  requireRefreshToken?: boolean | null;

  @Field(() => RotationEnum, { nullable: true, description: 'What becomes of a refresh token when it is used.' })
  rotation?: Rotation | null;

  @Field(() => RevocationScopeEnum, { nullable: true, description: 'What a revocation ends.' })
  revocationScope?: RevocationScope | null;

  @Field(() => ExpiresInUnitEnum, { nullable: true, description: 'What `expires_in` counts.' })
  expiresInUnit?: ExpiresInUnit | null;

  @Field(() => AssertionAudienceEnum, { nullable: true, description: 'Audience of client assertions.' })
  assertionAudience?: AssertionAudience | null;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'Lifetime of an access token whose answer does not say.',
  })
  accessTokenLifetime?: string | null;

  @Field(() => DurationScalar, { nullable: true, description: 'How long a consent lasts without use.' })
  authorizationLifetime?: string | null;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'How long a consent lasts at most, however much it is used.',
  })
  authorizationAbsoluteLifetime?: string | null;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'How long before its expiry an access token is refreshed; default PT5M.',
  })
  refreshMargin?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'The switch; default on.' })
  enabled?: boolean | null;
}
