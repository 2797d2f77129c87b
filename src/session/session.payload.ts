import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { Payload } from '../graphql/payload.type.js';
import { UserType } from '../user/user.type.js';

@ObjectType({ description: 'Answer of login and refreshSession; the refresh value is in a cookie.' })
export class LoginPayload extends Payload {
  @Access('ANYONE')
  @Field(() => String, {
    nullable: true,
    description: 'Send it as "Authorization: Bearer" with each request. Valid for ten minutes; then refreshSession.',
  })
  accessToken?: string;

  @Access('ANYONE')
  @Field(() => Date, { nullable: true, description: 'When the access token ends.' })
  expiresAt?: Date;

  @Access('ANYONE')
  @Field(() => UserType, { nullable: true, description: 'Who is signed in.' })
  user?: UserType;
}

@ObjectType({ description: 'Answer of logout.' })
export class LogoutPayload extends Payload {
  @Access('ANYONE')
  @Field(() => UserType, { nullable: true, description: 'Whose session ended; null when there was none.' })
  user?: UserType | null;
}
