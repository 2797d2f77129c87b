import { Field, ID, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { Payload } from '../graphql/payload.type.js';
import { WarningEnum } from '../graphql/warning.type.js';
import type { Warning } from '../warning.js';
import { ClientType } from './client.type.js';

const SHOWN_ONCE =
  'The secret that the hub generated for a client of its own: here and never again. Null for all other clients.';

@ObjectType()
abstract class ClientPayload extends Payload {
  @Access('RECORD')
  @Field(() => ClientType, { nullable: true, description: 'The client as it stands now.' })
  client?: ClientType;
}

@ObjectType({ description: 'Answer of createClient.' })
export class CreateClientPayload extends ClientPayload {
  @Access('SECRET')
  @Field(() => String, { nullable: true, description: SHOWN_ONCE })
  clientSecret?: string | null;

  @Access('RECORD')
  @Field(() => [WarningEnum], { description: 'What works today and should be mended.' })
  warnings!: Warning[];
}

@ObjectType({ description: 'Answer of updateClient.' })
export class UpdateClientPayload extends ClientPayload {}

@ObjectType({ description: 'Answer of rotateClientSecret.' })
export class RotateClientSecretPayload extends ClientPayload {
  @Access('SECRET')
  @Field(() => String, { nullable: true, description: SHOWN_ONCE })
  clientSecret?: string | null;
}

@ObjectType({ description: 'Answer of deleteClient.' })
export class DeleteClientPayload extends Payload {
  @Access('RECORD')
  @Field(() => ID, { nullable: true, description: 'Id of the client that is gone.' })
  deletedId?: string;
}
