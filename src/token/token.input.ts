import { ValidateNested } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { IsCredential, IsName, IsNatural, IsScope, IsShortList, IsText } from '../graphql/input-rules.js';
import { DurationScalar } from '../graphql/scalars.js';
import { ParameterInput } from '../provider/parameter.input.js';
import { GrantTypeEnum } from '../provider/provider-enum.types.js';
import type { GrantType } from '../provider/provider-enums.js';

/** Longer than any credential that a provider hands out. */
const CREDENTIAL_LENGTH = 65_536;

@InputType({ description: 'A name and a value by which callers find a token again.' })
export class LabelInput {
  @IsText({ max: 64 })
  @Field({ description: 'Its name; each name once.' })
  name!: string;

  @IsText({ min: 0, max: 200 })
  @Field({ description: 'Its value.' })
  value!: string;
}

/** What a token asks the provider for. */
@InputType()
export abstract class TokenAskInput {
  @IsShortList(100)
  @IsScope()
  @Field(() => [String], {
    nullable: true,
    description: "Scopes to ask for; default those of the client, then the provider's.",
  })
  scopes?: string[] | null;

  @IsShortList(20)
  @IsText({ max: 2048, each: true })
  @Field(() => [String], { nullable: true, description: 'Resources that it is for (RFC 8707). Others say: audience.' })
  resource?: string[] | null;

  @IsShortList(50)
  @ValidateNested()
  @Field(() => [ParameterInput], {
    nullable: true,
    description: 'Extra parameters of the token request. Others say: additional values.',
  })
  tokenParameters?: ParameterInput[] | null;

  @IsShortList(50)
  @ValidateNested()
  @Field(() => [ParameterInput], { nullable: true, description: 'Extra parameters of the authorization request only.' })
  authorizationParameters?: ParameterInput[] | null;
}

@InputType()
export abstract class NewTokenInput extends TokenAskInput {
  @IsName()
  @Field({ description: 'Unique name.' })
  name!: string;

  @Field(() => ID, { nullable: true, description: 'The provider; may be left out when a client is given.' })
  providerId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'A client of the provider, with useProviderClient: false. The hub itself needs one, whatever useProviderClient says.',
  })
  clientId?: string | null;

  @Field({
    defaultValue: true,
    description: "Whether to use the provider's default client. Others say: use default keys.",
  })
  useProviderClient!: boolean;

  @Field(() => ID, {
    nullable: true,
    description: 'Whose token it is; that user sees it. Of one that the hub issues it is the runAs of its client.',
  })
  userId?: string | null;

  @Field({
    defaultValue: true,
    description: 'Whether it is refreshed before it expires. What the hub issues itself is not.',
  })
  autoRefresh!: boolean;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'Obtains it anew, and ends the one before, each time so much has passed; for grants without a person.',
  })
  resetInterval?: string | null;

  @IsShortList(20)
  @ValidateNested()
  @Field(() => [LabelInput], { nullable: true, description: 'Labels to find it by.' })
  labels?: LabelInput[] | null;

  @IsText({ max: 200 })
  @Field(() => String, { nullable: true, description: 'Id of the token in another system.' })
  externalId?: string | null;

  @IsText({ max: 200 })
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key within 24 hours has one effect only.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A token to obtain.' })
export class RequestTokenInput extends NewTokenInput {
  @Field(() => GrantTypeEnum, { description: 'How to obtain it.' })
  grantType!: GrantType;

  @IsText({ max: 500 })
  @Field(() => String, { nullable: true, description: 'User name at the provider, for PASSWORD.' })
  username?: string | null;

  @IsText({ max: 4096 })
  @Field(() => String, { nullable: true, description: 'Password at the provider, for PASSWORD; stored sealed.' })
  password?: string | null;

  @IsText({ max: 2048 })
  @Field(() => String, {
    nullable: true,
    description: 'Where the browser goes after the callback; the operator allows it with HUB_RETURN_URLS.',
  })
  returnTo?: string | null;

  @IsNatural(1)
  @Field(() => Int, {
    nullable: true,
    description:
      "Seconds that a token of the hub itself lasts; default the client's tokenLifetime, or six calendar months.",
  })
  expiresIn?: number | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A token of the same client that the hub has issued, in whose place this one comes.',
  })
  replaces?: string | null;

  @Field({
    defaultValue: false,
    description: 'Whether the token that is replaced ends now; else it ends at its own expiry.',
  })
  endPrevious!: boolean;
}

@InputType({ description: 'A refresh token that was obtained elsewhere; it is spent once to prove it.' })
export class ImportTokenInput extends NewTokenInput {
  @IsCredential(CREDENTIAL_LENGTH)
  @Field({ description: 'The refresh token; the client that obtained it must be given.' })
  refreshToken!: string;
}

@InputType({ description: 'The token to ask for again, with the inputs it has.' })
export class RetryTokenRequestInput {
  @Field(() => ID, { description: 'The token.' })
  id!: string;

  @IsText({ max: 2048 })
  @Field(() => String, { nullable: true, description: 'Where the browser goes after the callback.' })
  returnTo?: string | null;
}

@InputType({ description: 'A link by which a person connects a token, or connects it again.' })
export class StartAuthorizationInput {
  @Field(() => ID, { description: 'The token.' })
  tokenId!: string;

  @Field({ defaultValue: false, description: 'Whether the person may choose another account than before.' })
  allowOtherAccount!: boolean;

  @IsText({ max: 2048 })
  @Field(() => String, { nullable: true, description: 'Where the browser goes after the callback.' })
  returnTo?: string | null;
}

@InputType({ description: 'The token to refresh.' })
export class RefreshTokenInput {
  @Field(() => ID, { description: 'The token.' })
  id!: string;

  @IsNatural()
  @Field(() => Int, {
    nullable: true,
    description: 'The generation that the caller holds: is the stored one newer, it is returned and nothing is sent.',
  })
  expectedGeneration?: number | null;
}

@InputType({ description: 'The token to obtain anew under the same id. What is left out or null stays.' })
export class ResetTokenInput extends TokenAskInput {
  @Field(() => ID, { description: 'The token.' })
  id!: string;

  @IsText({ max: 500 })
  @Field(() => String, { nullable: true, description: 'Another user name at the provider, for PASSWORD.' })
  username?: string | null;

  @IsText({ max: 4096 })
  @Field(() => String, { nullable: true, description: 'Its password, for PASSWORD; stored sealed.' })
  password?: string | null;

  @IsText({ max: 2048 })
  @Field(() => String, {
    nullable: true,
    description: 'Where the browser goes after the callback, for grants that need a person.',
  })
  returnTo?: string | null;
}

@InputType({ description: 'The token to revoke.' })
export class RevokeTokenInput {
  @Field(() => ID, { description: 'The token.' })
  id!: string;
}

@InputType()
abstract class BulkTokensInput {
  @IsShortList(100)
  @Field(() => [ID], { description: 'The tokens, at most 100.' })
  ids!: string[];
}

@InputType({ description: 'The tokens to refresh.' })
export class RefreshTokensInput extends BulkTokensInput {}

@InputType({ description: 'The tokens to revoke.' })
export class RevokeTokensInput extends BulkTokensInput {}

@InputType({ description: 'Changes to a token; what is left out or null stays.' })
export class UpdateTokenInput {
  @Field(() => ID, { description: 'The token.' })
  id!: string;

  @IsName()
  @Field(() => String, { nullable: true, description: 'A new name.' })
  name?: string | null;

  @Field(() => Boolean, { nullable: true, description: "The administrator's switch." })
  enabled?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is refreshed before it expires.' })
  autoRefresh?: boolean | null;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'Obtains it anew each time so much has passed; PT0S ends that.',
  })
  resetInterval?: string | null;

  @Field({
    defaultValue: false,
    description:
      "Whether what renews the token may go to the host that the provider's token endpoint has now; asked for after that host has changed. A machine needs hub:secrets too.",
  })
  confirmHost!: boolean;

  @IsShortList(20)
  @ValidateNested()
  @Field(() => [LabelInput], { nullable: true, description: 'All its labels from now on.' })
  labels?: LabelInput[] | null;

  @IsText({ max: 200 })
  @Field(() => String, { nullable: true, description: 'Id of the token in another system.' })
  externalId?: string | null;
}

@InputType({ description: 'The token to delete.' })
export class DeleteTokenInput {
  @Field(() => ID, { description: 'The token.' })
  id!: string;

  @Field({ defaultValue: true, description: 'Whether to revoke it at the provider first.' })
  revoke!: boolean;
}
