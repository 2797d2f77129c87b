import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.type.js';
import { EmailAddressScalar } from '../graphql/scalars.js';
import { GrantTypeEnum, TokenEndpointAuthMethodEnum } from '../provider/provider-enum.types.js';
import type { GrantType, TokenEndpointAuthMethod } from '../provider/provider-enums.js';

@ObjectType('Client', {
  implements: NodeType,
  description:
    "An OAuth client registration: ours at a provider, or a third party's at the hub. Others say: application, third party, OAuth client.",
})
export class ClientType extends NodeType {
  @Access('RECORD')
  @Field({ description: 'Name for people.' })
  name!: string;

  @Access('RECORD')
  @Field({ description: 'Client identifier (RFC 6749 §2.2). Others say: consumer key.' })
  clientId!: string;

  @Access('RECORD')
  @Field(() => [String], {
    description:
      'Scopes its tokens ask for; empty means those of the provider. Of a client of the hub, all that it may have.',
  })
  scopes!: string[];

  @Access('RECORD')
  @Field(() => [GrantTypeEnum], { description: 'Grant types it may use.' })
  grantTypes!: GrantType[];

  @Access('RECORD')
  @Field(() => TokenEndpointAuthMethodEnum, { description: 'How it proves itself at the token endpoint.' })
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @Access('RECORD')
  @Field({
    description:
      'The switch: a client that is off obtains and refreshes nothing, and its tokens of the hub are refused.',
  })
  enabled!: boolean;

  @Access('OBSERVER')
  @Field(() => String, { nullable: true, description: 'Who is responsible for a client of the hub.' })
  contactName!: string | null;

  @Access('OBSERVER')
  @Field(() => EmailAddressScalar, { nullable: true, description: 'Address of that contact.' })
  contactEmail!: string | null;

  @Access('RECORD')
  @Field({ description: 'Whether people are not asked for consent when it wants to act for them at the hub.' })
  trusted!: boolean;

  @Access('RECORD')
  @Field({ description: 'Whether it may introspect tokens of the hub (RFC 7662).' })
  resourceServer!: boolean;

  @Access('RECORD')
  @Field(() => [String], {
    nullable: true,
    description: 'Of a resource server: the URIs under which tokens of the hub are asked for it (RFC 8707).',
  })
  resource!: string[] | null;

  @Access('RECORD')
  @Field({ description: 'Whether its tokens of the hub never expire.' })
  automaticAuthorization!: boolean;

  @Access('RECORD')
  @Field({ description: 'When the record was made.' })
  createdAt!: Date;

  @Access('RECORD')
  @Field({ description: 'When the record last changed.' })
  updatedAt!: Date;
}

export const ClientConnection = connectionType('Client', ClientType);
