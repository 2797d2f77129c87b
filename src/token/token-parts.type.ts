import { Field, Int, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';

@ObjectType('Account', { description: 'Whose data a token reads at the provider.' })
export class AccountType {
  @Access('RECORD')
  @Field({ description: "The provider's unique id of the account (`sub`)." })
  subject!: string;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'E-mail address, if the provider tells it.' })
  email!: string | null;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'Name, if the provider tells it.' })
  name!: string | null;
}

@ObjectType('Label', { description: 'A name and a value by which callers find a token again.' })
export class LabelType {
  @Access('RECORD')
  @Field({ description: 'Its name.' })
  name!: string;

  @Access('RECORD')
  @Field({ description: 'Its value.' })
  value!: string;
}

@ObjectType('TokenExchange', {
  description: 'The last exchange with the provider, secrets replaced by their type and length.',
})
export class TokenExchangeType {
  @Access('RECORD')
  @Field({ description: 'The request as a curl command that equals what was sent.' })
  curl!: string;

  @Access('RECORD')
  @Field(() => Int, { nullable: true, description: 'HTTP status of the answer; null when there was none.' })
  httpStatus!: number | null;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'Body of the answer.' })
  responseBody!: string | null;

  @Access('RECORD')
  @Field(() => Int, { description: 'How long it took, in milliseconds.' })
  durationMs!: number;

  @Access('RECORD')
  @Field({ description: 'When the request was sent.' })
  occurredAt!: Date;
}
