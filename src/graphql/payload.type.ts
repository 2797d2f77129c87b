import { Field, ObjectType } from 'type-graphql';
import { Access } from './access.js';
import { UserErrorType } from './user-error.type.js';

/** What every mutation answers beside its entity. */
@ObjectType()
export abstract class Payload {
  @Access('RECORD')
  @Field(() => [UserErrorType], { description: 'What the caller can mend; empty when the mutation succeeded.' })
  userErrors!: UserErrorType[];
}
