import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';

@ObjectType('Parameter', { description: 'An extra parameter of a request to a provider.' })
export class ParameterType {
  @Access('RECORD')
  @Field({ description: 'Its name on the wire.' })
  name!: string;

  @Access('RECORD')
  @Field({
    description: 'Whether the value is a secret: only a System Manager reads it, and each read is an audit event.',
  })
  secret!: boolean;
}
