import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { PasswordChangeService } from './password-change.service.js';
import type { UserCreateService } from './user-create.service.js';
import type { UserDeleteService } from './user-delete.service.js';
import type { UserUpdateService } from './user-update.service.js';
import { ChangePasswordInput, CreateUserInput, DeleteUserInput, UpdateUserInput } from './user.input.js';
import { ChangePasswordPayload, CreateUserPayload, DeleteUserPayload, UpdateUserPayload } from './user.payload.js';

@Resolver()
export class UserMutationResolver {
  constructor(
    private readonly creation: UserCreateService,
    private readonly change: UserUpdateService,
    private readonly passwords: PasswordChangeService,
    private readonly deletion: UserDeleteService,
  ) {}

  @Access('FULL')
  @Mutation(() => CreateUserPayload, { nullable: true, description: 'Makes a person or a service user.' })
  async createUser(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', () => CreateUserInput, { description: 'The user.' }) input: CreateUserInput,
  ): Promise<CreateUserPayload> {
    return { user: await this.creation.create(ctx, input), userErrors: [] };
  }

  @Access('FULL')
  @Mutation(() => UpdateUserPayload, {
    nullable: true,
    description: 'Changes a user; the last System Manager who can log in stays one.',
  })
  async updateUser(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', () => UpdateUserInput, { description: 'The changes.' }) input: UpdateUserInput,
  ): Promise<UpdateUserPayload> {
    return { user: await this.change.update(ctx, input), userErrors: [] };
  }

  @Access('PERSON')
  @Mutation(() => ChangePasswordPayload, {
    nullable: true,
    description: 'Sets a password and ends every other session of its user.',
  })
  async changePassword(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', () => ChangePasswordInput, { description: 'Whose password, and the new one.' })
    input: ChangePasswordInput,
  ): Promise<ChangePasswordPayload> {
    return { user: await this.passwords.change(ctx, input), userErrors: [] };
  }

  @Access('FULL')
  @Mutation(() => DeleteUserPayload, {
    nullable: true,
    description: 'Deletes a user with all sessions; refused for the last System Manager who can log in.',
  })
  async deleteUser(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', () => DeleteUserInput, { description: 'The user.' }) input: DeleteUserInput,
  ): Promise<DeleteUserPayload> {
    const { id } = await this.deletion.delete(ctx, input);
    return { deletedId: id, userErrors: [] };
  }
}
