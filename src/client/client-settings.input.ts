import { Field, ID, InputType } from 'type-graphql';
import { IsName, IsScope, IsShortList, IsText } from '../graphql/input-rules.js';
import { DurationScalar, EmailAddressScalar } from '../graphql/scalars.js';
import { GrantTypeEnum, TokenEndpointAuthMethodEnum } from '../provider/provider-enum.types.js';
import type { GrantType, TokenEndpointAuthMethod } from '../provider/provider-enums.js';
import { AccessTokenFormatEnum, TokenStorageEnum } from './client-enum.types.js';
import type { AccessTokenFormat, TokenStorage } from './client-enums.js';

const PUBLIC_KEY_LENGTH = 16_000;

/** What can be said of a client at creation and changed later. */
@InputType()
export abstract class ClientSettingsInput {
  @IsShortList(100)
  @IsScope()
  @Field(() => [String], {
    nullable: true,
    description:
      'Scopes its tokens ask for; empty means those of the provider. Of a client of the hub, all that it may have; default those of the provider.',
  })
  scopes?: string[] | null;

  @IsShortList(20)
  @Field(() => [GrantTypeEnum], {
    nullable: true,
    description:
      'Grant types it may use; default as the provider, for a client of the hub without AUTHORIZATION_CODE where no redirect URI is given.',
  })
  grantTypes?: GrantType[] | null;

  @Field(() => TokenEndpointAuthMethodEnum, {
    nullable: true,
    description: 'How it proves itself; default as the provider.',
  })
  tokenEndpointAuthMethod?: TokenEndpointAuthMethod | null;

  @Field(() => Boolean, { nullable: true, description: 'The switch; default on.' })
  enabled?: boolean | null;
}

/** With what only clients of the hub itself have: third parties, and machines of one's own. */
@InputType()
export abstract class AnyClientSettingsInput extends ClientSettingsInput {
  @IsShortList(20)
  @Field(() => [String], {
    nullable: true,
    description:
      'Client of the hub: where browsers are sent back to. Kept and compared as exact strings: https, http on this machine, or a private-use scheme with a dot (RFC 8252); no fragment.',
  })
  redirectUris?: string[] | null;

  @IsText({ max: PUBLIC_KEY_LENGTH, multiline: true })
  @Field(() => String, {
    nullable: true,
    description:
      'Client of the hub with PRIVATE_KEY_JWT: its public key as PEM, JSON Web Key or JSON Web Key Set (RFC 7517). RSA from 2048 bits, P-256, P-384 or Ed25519.',
  })
  publicKey?: string | null;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Client of the hub: who is responsible for it.' })
  contactName?: string | null;

  @IsText({ max: 254 })
  @Field(() => EmailAddressScalar, { nullable: true, description: 'Client of the hub: address of the contact.' })
  contactEmail?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Client of the hub: whether people are not asked for consent; a public client has them asked all the same, unless it is sent back to https (RFC 8252). Default false.',
  })
  trusted?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Client of the hub: whether it may introspect tokens (RFC 7662); default false.',
  })
  resourceServer?: boolean | null;

  @IsShortList(20)
  @Field(() => [String], {
    nullable: true,
    description:
      'Client of the hub that is a resource server: the URIs under which tokens are asked for it (RFC 8707). Of tokens for other resources it is told nothing; null: it knows only tokens that are for no resource in particular.',
  })
  resource?: string[] | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Client of the hub: user as whom it acts when no person takes part; needed for the API of the hub.',
  })
  runAsId?: string | null;

  @IsShortList(100)
  @Field(() => [ID], {
    nullable: true,
    description: 'Client of the hub: the only tokens it may reach through the API; null for no limit.',
  })
  allowedTokens?: string[] | null;

  @IsShortList(100)
  @Field(() => [ID], {
    nullable: true,
    description:
      'Client of the hub: the only providers that it may reach through the API, with their tokens; null for no limit.',
  })
  allowedProviders?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Client of the hub: whether its tokens never expire; default false.',
  })
  automaticAuthorization?: boolean | null;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'Client of the hub: how long its new tokens last, at most ten years; default P6M, by the calendar.',
  })
  tokenLifetime?: string | null;

  @Field(() => TokenStorageEnum, {
    nullable: true,
    description: 'Client of the hub: what is kept of its access tokens; default HASHED.',
  })
  tokenStorage?: TokenStorage | null;

  @Field(() => AccessTokenFormatEnum, {
    nullable: true,
    description: 'Client of the hub: what access tokens of the token endpoint are; default OPAQUE.',
  })
  accessTokenFormat?: AccessTokenFormat | null;
}
