import { Field, ID, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { Payload } from '../graphql/payload.type.js';
import { UserType } from './user.type.js';

@ObjectType()
abstract class UserPayload extends Payload {
  @Access('RECORD')
  @Field(() => UserType, { nullable: true, description: 'The user as it stands now.' })
  user?: UserType | null;
}

@ObjectType({ description: 'Answer of createUser.' })
export class CreateUserPayload extends UserPayload {}

@ObjectType({ description: 'Answer of updateUser.' })
export class UpdateUserPayload extends UserPayload {}

@ObjectType({ description: 'Answer of changePassword.' })
export class ChangePasswordPayload extends UserPayload {}

@ObjectType({ description: 'Answer of deleteUser.' })
export class DeleteUserPayload extends Payload {
  @Access('RECORD')
  @Field(() => ID, { nullable: true, description: 'Id of the user that is gone.' })
  deletedId?: string;
}
