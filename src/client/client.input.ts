import { Field, ID, InputType } from 'type-graphql';
import { IsCredential, IsScope, IsShortList, IsName, IsText } from '../graphql/input-rules.js';
import { GrantTypeEnum, TokenEndpointAuthMethodEnum } from '../provider/provider-enum.types.js';
import type { GrantType, TokenEndpointAuthMethod } from '../provider/provider-enums.js';

const SECRET_LENGTH = 4096;

/** What can be said of a client at creation and changed later. */
@InputType()
abstract class ClientSettingsInput {
  @IsShortList(100)
  @IsScope()
  @Field(() => [String], {
    nullable: true,
    description: 'Scopes its tokens ask for; empty means those of the provider.',
  })
  scopes?: string[] | null;

  @IsShortList(20)
  @Field(() => [GrantTypeEnum], { nullable: true, description: 'Grant types it may use; default as the provider.' })
  grantTypes?: GrantType[] | null;

  @Field(() => TokenEndpointAuthMethodEnum, {
    nullable: true,
    description: 'How it proves itself; default as the provider.',
  })
  tokenEndpointAuthMethod?: TokenEndpointAuthMethod | null;

  @Field(() => Boolean, { nullable: true, description: 'The switch; default on.' })
  enabled?: boolean | null;
}

@InputType()
abstract class NewClientInput extends ClientSettingsInput {
  @IsCredential(255)
  @Field({ description: 'Client identifier as the provider gave it (RFC 6749 §2.2). Others say: consumer key.' })
  clientId!: string;

  @IsCredential(SECRET_LENGTH)
  @Field(() => String, {
    nullable: true,
    description: 'Client secret as the provider gave it. Others say: consumer secret key.',
  })
  clientSecret?: string | null;
}

@InputType({ description: 'A registration that is saved together with its provider, as its default client.' })
export class DefaultClientInput extends NewClientInput {
  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people; default as the provider.' })
  name?: string | null;
}

@InputType({ description: 'A registration of the hub at a provider.' })
export class CreateClientInput extends NewClientInput {
  @Field(() => ID, { description: 'The provider it is registered at.' })
  providerId!: string;

  @IsName()
  @Field({ description: 'Name for people.' })
  name!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether it becomes the provider's default client; default: if the provider has none.",
  })
  isDefault?: boolean | null;

  @IsText({ max: 200 })
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key within 24 hours has one effect only.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Changes to a client; what is left out stays. Its secret changes with rotateClientSecret.' })
export class UpdateClientInput extends ClientSettingsInput {
  @Field(() => ID, { description: 'The client.' })
  id!: string;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people.' })
  name?: string | null;

  @IsCredential(255)
  @Field(() => String, { nullable: true, description: 'Client identifier.' })
  clientId?: string | null;
}

@InputType({
  description:
    'A new secret for a client. The one before stays live beside it, so that nothing fails while the provider switches.',
})
export class RotateClientSecretInput {
  @Field(() => ID, { description: 'The client.' })
  id!: string;

  @IsCredential(SECRET_LENGTH)
  @Field({ description: 'The new secret, as the provider gave it; it is tried first.' })
  clientSecret!: string;

  @Field(() => Date, {
    nullable: true,
    description: 'When the one before ends; default at the next rotation. A past instant ends it now.',
  })
  previousExpiresAt?: Date | null;
}

@InputType({ description: 'The client to delete.' })
export class DeleteClientInput {
  @Field(() => ID, { description: 'The client.' })
  id!: string;

  @Field({
    defaultValue: false,
    description:
      "Delete it even if it is its provider's default client, and its tokens with it, which revokes nothing at the provider.",
  })
  cascade!: boolean;
}
