import { Field, Int, ObjectType } from 'type-graphql';
import { Access } from './access.js';
import type { UserErrorCode } from '../errors.js';
import { UrlScalar } from './scalars.js';
import { UserErrorCodeEnum } from './user-error-code.type.js';

@ObjectType('ProviderError', {
  description: 'What the provider answered, redacted (RFC 6749 §5.2), or what kept it from answering.',
})
export class ProviderErrorType {
  @Access('RECORD')
  @Field(() => UserErrorCodeEnum, { description: 'The kind of problem, for programs.' })
  code!: UserErrorCode;

  @Access('RECORD')
  @Field({ description: 'What happened and what to do next, in words.' })
  message!: string;

  @Access('RECORD')
  @Field({ description: "The provider's error code, or the hub's word for what happened." })
  error!: string;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: "The provider's description." })
  description!: string | null;

  @Access('RECORD')
  @Field(() => UrlScalar, { nullable: true, description: 'Page about the error, by the provider.' })
  uri!: string | null;

  @Access('RECORD')
  @Field(() => Int, { nullable: true, description: 'HTTP status of the answer; null when there was none.' })
  httpStatus!: number | null;

  @Access('RECORD')
  @Field({ description: 'Whether the same request can never succeed.' })
  permanent!: boolean;

  @Access('RECORD')
  @Field(() => Date, { nullable: true, description: 'When the provider may be asked again.' })
  retryAt!: Date | null;

  @Access('RECORD')
  @Field({ description: 'When it happened.' })
  occurredAt!: Date;
}
