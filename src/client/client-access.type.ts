import { Field, ObjectType } from 'type-graphql';
import { Access } from '../graphql/access.js';

@ObjectType('ClientAccess', { description: 'Whether a client gets in, each reason by itself.' })
export class ClientAccessType {
  @Access('RECORD')
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the secret that was given is one of its live ones; null when none was given.',
  })
  credentialsValid!: boolean | null;

  @Access('RECORD')
  @Field({ description: 'Whether it has a secret that is live.' })
  hasLiveSecret!: boolean;

  @Access('RECORD')
  @Field({ description: 'Its own switch.' })
  enabled!: boolean;

  @Access('RECORD')
  @Field({ description: 'The switch of its provider.' })
  providerEnabled!: boolean;

  @Access('RECORD')
  @Field({ description: 'Whether it has a token that can be used right now, or may fetch one: see `active` of Token.' })
  active!: boolean;

  @Access('RECORD')
  @Field({ description: 'Whether it has a token that is neither expired nor revoked, switched on or off.' })
  unexpired!: boolean;

  @Access('RECORD')
  @Field(() => [String], { description: 'What keeps it out, in words, with what to do; empty when nothing does.' })
  problems!: string[];
}
