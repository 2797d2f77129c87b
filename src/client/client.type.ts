import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.type.js';
import { GrantTypeEnum, TokenEndpointAuthMethodEnum } from '../provider/provider-enum.types.js';
import type { GrantType, TokenEndpointAuthMethod } from '../provider/provider-enums.js';

@ObjectType('Client', {
  implements: NodeType,
  description: 'An OAuth client registration: ours at a provider. Others say: application, OAuth client.',
})
export class ClientType extends NodeType {
  @Access('RECORD')
  @Field({ description: 'Name for people.' })
  name!: string;

  @Access('RECORD')
  @Field({ description: 'Client identifier (RFC 6749 §2.2). Others say: consumer key.' })
  clientId!: string;

  @Access('RECORD')
  @Field(() => [String], { description: 'Scopes its tokens ask for; empty means those of the provider.' })
  scopes!: string[];

  @Access('RECORD')
  @Field(() => [GrantTypeEnum], { description: 'Grant types it may use.' })
  grantTypes!: GrantType[];

  @Access('RECORD')
  @Field(() => TokenEndpointAuthMethodEnum, { description: 'How it proves itself at the token endpoint.' })
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @Access('RECORD')
  @Field({ description: 'The switch: a client that is off obtains and refreshes nothing.' })
  enabled!: boolean;

  @Access('RECORD')
  @Field({ description: 'When the record was made.' })
  createdAt!: Date;

  @Access('RECORD')
  @Field({ description: 'When the record last changed.' })
  updatedAt!: Date;
}

export const ClientConnection = connectionType('Client', ClientType);
