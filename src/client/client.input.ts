import { Field, ID, InputType } from 'type-graphql';
import { IsCredential, IsName, IsText } from '../graphql/input-rules.js';
import { AnyClientSettingsInput, ClientSettingsInput } from './client-settings.input.js';

const SECRET_LENGTH = 4096;

@InputType({ description: 'A registration that is saved together with its provider, as its default client.' })
export class DefaultClientInput extends ClientSettingsInput {
  @IsCredential(255)
  @Field({ description: 'Client identifier as the provider gave it (RFC 6749 §2.2). Others say: consumer key.' })
  clientId!: string;

  @IsCredential(SECRET_LENGTH)
  @Field(() => String, {
    nullable: true,
    description: 'Client secret as the provider gave it. Others say: consumer secret key.',
  })
  clientSecret?: string | null;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people; default as the provider.' })
  name?: string | null;
}

@InputType({
  description:
    'A registration of the hub at a provider or, where the provider is the hub, of a third party or a machine here.',
})
export class CreateClientInput extends AnyClientSettingsInput {
  @Field(() => ID, { description: 'The provider it is registered at.' })
  providerId!: string;

  @IsCredential(255)
  @Field(() => String, {
    nullable: true,
    description:
      'Client identifier as the provider gave it (RFC 6749 §2.2); required unless the provider is the hub, which generates it. Others say: consumer key.',
  })
  clientId?: string | null;

  @IsCredential(SECRET_LENGTH)
  @Field(() => String, {
    nullable: true,
    description:
      'Client secret as the provider gave it; the hub generates those of its own clients. Others say: consumer secret key.',
  })
  clientSecret?: string | null;

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

@InputType({
  description:
    'Changes to a client; what is left out stays. So does null, except that it clears what a client of the hub need not have. Its secret changes with rotateClientSecret.',
})
export class UpdateClientInput extends AnyClientSettingsInput {
  @Field(() => ID, { description: 'The client.' })
  id!: string;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people.' })
  name?: string | null;

  @IsCredential(255)
  @Field(() => String, { nullable: true, description: 'Client identifier; never changes for a client of the hub.' })
  clientId?: string | null;
}

@InputType({
  description:
    'A new secret for a client. The one before stays live beside it, so that nothing fails while the provider switches. A client of the hub whose tokenEndpointAuthMethod takes no secret gets one for the method it is to have next.',
})
export class RotateClientSecretInput {
  @Field(() => ID, { description: 'The client.' })
  id!: string;

  @IsCredential(SECRET_LENGTH)
  @Field(() => String, {
    nullable: true,
    description:
      'The new secret as the provider gave it; it is tried first. Required unless the provider is the hub, which generates it.',
  })
  clientSecret?: string | null;

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
      "Delete it even if it is its provider's default client, and its tokens with it, which revokes nothing at a provider elsewhere; what the hub issued to it ends at once.",
  })
  cascade!: boolean;
}
