import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { ProviderReadService } from '../provider/provider-read.service.js';
import type { Warning } from '../warning.js';
import type { ClientChangeService, ClientOutcome } from './client-change.service.js';
import type { ClientEntity } from './client.entity.js';
import { CreateClientInput, DeleteClientInput, RotateClientSecretInput, UpdateClientInput } from './client.input.js';
import {
  CreateClientPayload,
  DeleteClientPayload,
  RotateClientSecretPayload,
  UpdateClientPayload,
} from './client.payload.js';

interface Answer {
  client: ClientEntity;
  userErrors: [];
}

@Resolver()
export class ClientMutationResolver {
  constructor(
    private readonly clients: ClientChangeService,
    private readonly providers: ProviderReadService,
  ) {}

  @Access('MANAGER')
  @Mutation(() => CreateClientPayload, {
    nullable: true,
    description:
      'Saves a registration of the hub at a provider or, at the provider hub, makes a client for a third party or a machine, with a client id and secret.',
  })
  async createClient(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The registration.' }) input: CreateClientInput,
  ): Promise<ClientOutcome & { warnings: Warning[] }> {
    return { ...(await this.clients.create(ctx, input)), warnings: this.providers.warnings() };
  }

  @Access('MANAGER')
  @Mutation(() => UpdateClientPayload, { nullable: true, description: 'Changes a client; what is left out stays.' })
  async updateClient(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The changes.' }) input: UpdateClientInput,
  ): Promise<Answer> {
    return { client: await this.clients.update(ctx, input), userErrors: [] };
  }

  @Access('MANAGER')
  @Mutation(() => RotateClientSecretPayload, {
    nullable: true,
    description:
      'Stores a new secret, which the hub generates for its own clients; the one before stays live beside it.',
  })
  async rotateClientSecret(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The new secret.' }) input: RotateClientSecretInput,
  ): Promise<ClientOutcome> {
    return this.clients.rotateSecret(ctx, input);
  }

  @Access('MANAGER')
  @Mutation(() => DeleteClientPayload, {
    nullable: true,
    description: 'Deletes a client; refused while it is in use, unless cascade is asked for.',
  })
  async deleteClient(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The client.' }) input: DeleteClientInput,
  ): Promise<DeleteClientPayload> {
    return { deletedId: await this.clients.delete(ctx, input), userErrors: [] };
  }
}
