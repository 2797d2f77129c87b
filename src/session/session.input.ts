import { Field, InputType } from 'type-graphql';
import { IsText } from '../graphql/input-rules.js';
import { EmailAddressScalar } from '../graphql/scalars.js';

@InputType({ description: 'What a person proves himself with.' })
export class LoginInput {
  @IsText({ max: 254 })
  @Field(() => EmailAddressScalar, { description: 'The e-mail address of the account; case does not count.' })
  email!: string;

  @IsText({ min: 0, max: 1_000 })
  @Field({ description: 'The password.' })
  password!: string;
}
