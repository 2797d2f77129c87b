import { Field, ID, InputType } from 'type-graphql';
import { IsName, IsText } from '../graphql/input-rules.js';
import { EmailAddressScalar } from '../graphql/scalars.js';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './password-rules.js';
import type { Role, UserKind } from './role.js';
import { RoleEnum, UserKindEnum } from './user-enum.types.js';

const MAX_EMAIL_LENGTH = 254;
/** Longer than any password that can be set, so that a wrong one is told apart by the hash alone. */
const MAX_GIVEN_PASSWORD_LENGTH = 1_000;

const PASSWORD_RULE = `${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters; not the name or e-mail address.`;
const IDEMPOTENCY_KEY = 'Repeating the mutation with the same key within 24 hours has one effect only.';

@InputType({ description: 'A person who logs in, or a service user for automation.' })
export class CreateUserInput {
  @Field(() => UserKindEnum, {
    defaultValue: 'PERSON',
    description: 'Who stands behind the user; cannot be changed later.',
  })
  kind!: UserKind;

  @IsName()
  @Field({ description: 'Name for people.' })
  name!: string;

  @IsText({ max: MAX_EMAIL_LENGTH })
  @Field(() => EmailAddressScalar, { nullable: true, description: 'Required for a person, refused for a service.' })
  email?: string | null;

  @IsText({ min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH })
  @Field(() => String, {
    nullable: true,
    description: `Required for a person, refused for a service. ${PASSWORD_RULE}`,
  })
  password?: string | null;

  @Field(() => [RoleEnum], { description: 'At least one.' })
  roles!: Role[];

  @Field({ defaultValue: true, description: 'Whether the user may log in.' })
  enabled!: boolean;

  @IsText({ max: 200 })
  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Changes to a user; what is null or left out stays.' })
export class UpdateUserInput {
  @Field(() => ID, { description: 'The user.' })
  id!: string;

  @IsName()
  @Field(() => String, { nullable: true, description: 'Name for people.' })
  name?: string | null;

  @IsText({ max: MAX_EMAIL_LENGTH })
  @Field(() => EmailAddressScalar, { nullable: true, description: 'Address to log in with.' })
  email?: string | null;

  @Field(() => [RoleEnum], { nullable: true, description: 'All roles from now on; at least one.' })
  roles?: Role[] | null;

  @Field(() => Boolean, { nullable: true, description: 'False ends the sessions of the user at once.' })
  enabled?: boolean | null;
}

@InputType({ description: 'A new password for oneself or, by a System Manager, for somebody else.' })
export class ChangePasswordInput {
  @Field(() => ID, { nullable: true, description: 'Whose; default your own.' })
  id?: string | null;

  @IsText({ min: 0, max: MAX_GIVEN_PASSWORD_LENGTH })
  @Field(() => String, {
    nullable: true,
    description: 'Required for your own; a System Manager needs none for others.',
  })
  currentPassword?: string | null;

  @IsText({ min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH })
  @Field({ description: `${PASSWORD_RULE} Every other session of the user ends.` })
  newPassword!: string;
}

@InputType({ description: 'The user to delete.' })
export class DeleteUserInput {
  @Field(() => ID, { description: 'The user.' })
  id!: string;
}
