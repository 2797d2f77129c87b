import { Field, ID, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { Payload } from '../graphql/payload.type.js';
import { UrlScalar } from '../graphql/scalars.js';
import { UserErrorType } from '../graphql/user-error.type.js';
import { WarningEnum } from '../graphql/warning.type.js';
import type { Warning } from '../warning.js';
import { RevocationOutcomeEnum } from './token-enum.types.js';
import type { RevocationOutcome } from './token-enums.js';
import { TokenType } from './token.type.js';

@ObjectType('AuthorizationRequest', { description: 'A link for a person, good for ten minutes and one opening.' })
export class AuthorizationRequestType {
  @Access('RECORD')
  @Field(() => UrlScalar, { description: 'Open it in the browser of the person who is to consent.' })
  url!: string;

  @Access('RECORD')
  @Field(() => ID, { description: 'The `state` of the request (RFC 6749 §4.1.1).' })
  state!: string;

  @Access('RECORD')
  @Field({ description: 'Until when the browser must be back.' })
  expiresAt!: Date;
}

@ObjectType()
abstract class TokenPayload extends Payload {
  @Access('RECORD')
  @Field(() => TokenType, {
    nullable: true,
    description: 'The token as it stands now; after a failed exchange too, with its error.',
  })
  token?: TokenType;
}

@ObjectType()
abstract class ConnectTokenPayload extends TokenPayload {
  @Access('RECORD')
  @Field(() => AuthorizationRequestType, {
    nullable: true,
    description: 'What a person has to do, for grants that need one.',
  })
  authorization?: AuthorizationRequestType;

  @Access('RECORD')
  @Field(() => [WarningEnum], { description: 'What works today and should be mended.' })
  warnings!: Warning[];
}

const SHOWN_ONCE =
  'The value of a token that the hub itself has issued in this call: shown here, once. Null of all others, and when the call is repeated.';

@ObjectType({ description: 'Answer of requestToken.' })
export class RequestTokenPayload extends ConnectTokenPayload {
  @Access('SECRET')
  @Field(() => String, { nullable: true, description: SHOWN_ONCE })
  accessToken?: string;

  @Access('SECRET')
  @Field(() => String, {
    nullable: true,
    description: 'Null: with CLIENT_CREDENTIALS there is none (RFC 6749 §4.4.3), and other grants end elsewhere.',
  })
  refreshToken?: string;
}

@ObjectType({ description: 'Answer of retryTokenRequest.' })
export class RetryTokenRequestPayload extends ConnectTokenPayload {}

@ObjectType({ description: 'Answer of startAuthorization.' })
export class StartAuthorizationPayload extends ConnectTokenPayload {}

@ObjectType({ description: 'Answer of importToken.' })
export class ImportTokenPayload extends ConnectTokenPayload {}

@ObjectType({ description: 'Answer of refreshToken.' })
export class RefreshTokenPayload extends TokenPayload {
  @Access('SECRET')
  @Field(() => String, { nullable: true, description: SHOWN_ONCE })
  accessToken?: string;
}

@ObjectType({ description: 'Answer of updateToken.' })
export class UpdateTokenPayload extends TokenPayload {}

@ObjectType({ description: 'Answer of resetToken.' })
export class ResetTokenPayload extends TokenPayload {
  @Access('RECORD')
  @Field(() => AuthorizationRequestType, {
    nullable: true,
    description: 'What a person has to do, for grants that need one.',
  })
  authorization?: AuthorizationRequestType;

  @Access('RECORD')
  @Field(() => RevocationOutcomeEnum, { nullable: true, description: 'What became of the credential from before.' })
  outcome?: RevocationOutcome;

  @Access('SECRET')
  @Field(() => String, { nullable: true, description: SHOWN_ONCE })
  accessToken?: string;
}

@ObjectType({ description: 'Answer of revokeToken.' })
export class RevokeTokenPayload extends TokenPayload {
  @Access('RECORD')
  @Field(() => RevocationOutcomeEnum, {
    nullable: true,
    description: 'Whether it is revoked at the provider or only here.',
  })
  outcome?: RevocationOutcome;
}

@ObjectType({ description: 'Answer of deleteToken.' })
export class DeleteTokenPayload extends Payload {
  @Access('RECORD')
  @Field(() => ID, { nullable: true, description: 'Id of the token that is gone.' })
  deletedId?: string;

  @Access('RECORD')
  @Field(() => RevocationOutcomeEnum, {
    nullable: true,
    description: 'What became of it at the provider; null when that was not asked for.',
  })
  outcome?: RevocationOutcome;
}

@ObjectType('BulkTokenResult', { description: 'What became of one token of several.' })
export class BulkTokenResultType {
  @Access('RECORD')
  @Field(() => ID, { description: 'The token that was asked for.' })
  tokenId!: string;

  @Access('RECORD')
  @Field(() => TokenType, { nullable: true, description: 'The token as it stands now.' })
  token?: TokenType;

  @Access('RECORD')
  @Field(() => RevocationOutcomeEnum, { nullable: true, description: 'What became of a revocation.' })
  outcome?: RevocationOutcome;

  @Access('RECORD')
  @Field(() => [UserErrorType], { description: 'What kept it from succeeding.' })
  userErrors!: UserErrorType[];
}

@ObjectType()
abstract class BulkPayload extends Payload {
  @Access('RECORD')
  @Field(() => [BulkTokenResultType], { description: 'A result for each token, in the order asked.' })
  results!: BulkTokenResultType[];
}

@ObjectType({ description: 'Answer of refreshTokens.' })
export class RefreshTokensPayload extends BulkPayload {}

@ObjectType({ description: 'Answer of revokeTokens.' })
export class RevokeTokensPayload extends BulkPayload {}
