import { Field, InputType } from 'type-graphql';
import { IsText } from '../graphql/input-rules.js';
import type { Parameter } from './parameter.js';

@InputType({ description: 'An extra parameter of a request to a provider.' })
export class ParameterInput implements Parameter {
  @IsText({ max: 100 })
  @Field({ description: 'Its name on the wire.' })
  name!: string;

  @IsText({ min: 0, max: 4096 })
  @Field({ description: 'Its value, at most 4096 characters.' })
  value!: string;

  @Field({ defaultValue: false, description: 'Whether only a System Manager may read the value.' })
  secret!: boolean;
}
