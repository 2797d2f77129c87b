import { Field, ID, InterfaceType } from 'type-graphql';
import { Access } from './access.js';

@InterfaceType('Node', {
  description: 'A record that can be fetched again by its id alone (Relay).',
  resolveType: (value: object) => (value as { __typename?: string }).__typename,
})
export abstract class NodeType {
  @Access('RECORD')
  @Field(() => ID, { description: 'Globally unique: the primary key with a type prefix, in order of creation.' })
  id!: string;
}
