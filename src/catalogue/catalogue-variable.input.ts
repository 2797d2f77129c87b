import { Field, InputType } from 'type-graphql';
import { IsText } from '../graphql/input-rules.js';

@InputType({ description: 'A value for a variable of a catalogue entry.' })
export class CatalogueVariableInput {
  @IsText({ max: 64 })
  @Field({ description: 'Name of the variable, such as tenant.' })
  name!: string;

  @IsText({ max: 253 })
  @Field({ description: 'Its value.' })
  value!: string;
}
