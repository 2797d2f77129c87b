import { Field, ObjectType } from 'type-graphql';
import type { UserErrorCode } from '../errors.js';
import { ProviderErrorType } from './provider-error.type.js';
import { Access } from './access.js';
import { UserErrorCodeEnum } from './user-error-code.type.js';

@ObjectType('UserError', {
  description: 'A problem the caller can mend. Where a provider was asked, the token stays and carries the error too.',
})
export class UserErrorType {
  @Access('RECORD')
  @Field(() => UserErrorCodeEnum, { description: 'The kind of problem, for programs.' })
  code!: UserErrorCode;

  @Access('RECORD')
  @Field({ description: 'The problem in words, with what to do next.' })
  message!: string;

  @Access('RECORD')
  @Field(() => [String], { nullable: true, description: 'Path into the input, outermost field first.' })
  field?: string[];

  @Access('RECORD')
  @Field(() => ProviderErrorType, { nullable: true, description: 'What the provider answered, where it was asked.' })
  providerError?: ProviderErrorType;
}
