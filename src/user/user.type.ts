import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.type.js';
import { EmailAddressScalar } from '../graphql/scalars.js';
import type { Role, UserKind } from './role.js';
import { RoleEnum, UserKindEnum } from './user-enum.types.js';

@ObjectType('User', { implements: NodeType, description: 'Somebody who uses the hub, or something that does.' })
export class UserType extends NodeType {
  @Access('RECORD')
  @Field({ description: 'Name for people.' })
  name!: string;

  @Access('RECORD')
  @Field(() => EmailAddressScalar, {
    nullable: true,
    description: 'Address that a person logs in with; null for a service.',
  })
  email!: string | null;

  @Access('RECORD')
  @Field(() => UserKindEnum, { description: 'Who stands behind the user.' })
  kind!: UserKind;

  @Access('RECORD')
  @Field(() => [RoleEnum], { description: 'What the user may do; at least one.' })
  roles!: Role[];

  @Access('RECORD')
  @Field({ description: 'The switch: who is off cannot log in, and open sessions end at once.' })
  enabled!: boolean;

  @Access('RECORD')
  @Field(() => Date, { nullable: true, description: 'When the user last logged in.' })
  lastLoginAt!: Date | null;

  @Access('RECORD')
  @Field({ description: 'When the record was made.' })
  createdAt!: Date;

  @Access('RECORD')
  @Field({ description: 'When the record last changed.' })
  updatedAt!: Date;
}

export const UserConnection = connectionType('User', UserType);
