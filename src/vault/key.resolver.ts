import { Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import { Payload } from '../graphql/payload.type.js';
import type { KeyRotationService } from './key-rotation.service.js';

@ObjectType({ description: 'Answer of rotateKeys.' })
export class RotateKeysPayload extends Payload {
  @Access('RECORD')
  @Field(() => Int, {
    nullable: true,
    description: 'Stored secrets that are sealed with the new key now and were not before.',
  })
  resealed?: number;

  @Access('RECORD')
  @Field(() => Int, {
    nullable: true,
    description: 'Stored secrets still sealed with another key; the log names those that do not open.',
  })
  remaining?: number;
}

@Resolver()
export class KeyResolver {
  constructor(private readonly keys: KeyRotationService) {}

  @Access('WHOLE_HUB')
  @Mutation(() => RotateKeysPayload, {
    nullable: true,
    description:
      'Makes a new data key and seals every stored secret with it, while the hub goes on serving. Repeat it if secrets remain.',
  })
  async rotateKeys(@Ctx() ctx: GraphQLContext): Promise<RotateKeysPayload> {
    const { resealed, remaining } = await this.keys.rotate(ctx);
    return { resealed, remaining, userErrors: [] };
  }
}
