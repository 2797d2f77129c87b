import { Field, ID, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { Payload } from '../graphql/payload.type.js';
import { WarningEnum } from '../graphql/warning.type.js';
import type { Warning } from '../warning.js';
import { ClientType } from './client.type.js';

@ObjectType()
abstract class ClientPayload extends Payload {
  @Access('RECORD')
  @Field(() => ClientType, { nullable: true, description: 'The client as it stands now.' })
  client?: ClientType;
}

@ObjectType({ description: 'Answer of createClient.' })
export class CreateClientPayload extends ClientPayload {
  @Access('RECORD')
  @Field(() => [WarningEnum], { description: 'What works today and should be mended.' })
  warnings!: Warning[];
}

@ObjectType({ description: 'Answer of updateClient.' })
export class UpdateClientPayload extends ClientPayload {}

@ObjectType({ description: 'Answer of rotateClientSecret.' })
export class RotateClientSecretPayload extends ClientPayload {}

@ObjectType({ description: 'Answer of deleteClient.' })
export class DeleteClientPayload extends Payload {
  @Access('RECORD')
  @Field(() => ID, { nullable: true, description: 'Id of the client that is gone.' })
  deletedId?: string;
}
