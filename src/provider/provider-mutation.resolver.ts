import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { Warning } from '../warning.js';
import type { ProviderChangeService } from './provider-change.service.js';
import type { ProviderCreateService } from './provider-create.service.js';
import type { ProviderReadService } from './provider-read.service.js';
import type { ProviderEntity } from './provider.entity.js';
import {
  CreateProviderFromCatalogueInput,
  CreateProviderInput,
  DeleteProviderInput,
  DiscoverProviderInput,
  UpdateProviderInput,
} from './provider.input.js';
import {
  CreateProviderFromCataloguePayload,
  CreateProviderPayload,
  DeleteProviderPayload,
  DiscoverProviderPayload,
  UpdateProviderPayload,
} from './provider.payload.js';

interface Answer {
  provider: ProviderEntity;
  warnings: Warning[];
  userErrors: [];
}

@Resolver()
export class ProviderMutationResolver {
  constructor(
    private readonly creation: ProviderCreateService,
    private readonly change: ProviderChangeService,
    private readonly reads: ProviderReadService,
  ) {}

  @Access('WHOLE_HUB')
  @Mutation(() => CreateProviderPayload, {
    nullable: true,
    description: 'Makes a provider from its settings, or as a copy of another.',
  })
  createProvider(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The provider.' }) input: CreateProviderInput,
  ): Promise<Answer> {
    return this.answer(this.creation.create(ctx, input));
  }

  @Access('WHOLE_HUB')
  @Mutation(() => CreateProviderFromCataloguePayload, {
    nullable: true,
    description: 'Makes a provider that the hub knows.',
  })
  createProviderFromCatalogue(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'Which one, and what it must be told.' }) input: CreateProviderFromCatalogueInput,
  ): Promise<Answer> {
    return this.answer(this.creation.createFromCatalogue(ctx, input));
  }

  @Access('WHOLE_HUB')
  @Mutation(() => DiscoverProviderPayload, {
    nullable: true,
    description: 'Makes a provider from the metadata its issuer publishes (OpenID Connect Discovery, RFC 8414).',
  })
  discoverProvider(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The issuer.' }) input: DiscoverProviderInput,
  ): Promise<Answer> {
    return this.answer(this.creation.discover(ctx, input));
  }

  @Access('MANAGER')
  @Mutation(() => UpdateProviderPayload, {
    nullable: true,
    description:
      'Changes a provider; what is left out stays. Another issuer or endpoint takes hub:secrets of a machine too.',
  })
  updateProvider(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The changes.' }) input: UpdateProviderInput,
  ): Promise<Answer> {
    return this.answer(this.change.update(ctx, input));
  }

  @Access('MANAGER')
  @Mutation(() => DeleteProviderPayload, {
    nullable: true,
    description: 'Deletes a provider; refused while it has clients, unless cascade is asked for.',
  })
  async deleteProvider(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The provider.' }) input: DeleteProviderInput,
  ): Promise<DeleteProviderPayload> {
    return { deletedId: await this.change.delete(ctx, input), userErrors: [] };
  }

  private async answer(provider: Promise<ProviderEntity>): Promise<Answer> {
    return { provider: await provider, warnings: this.reads.warnings(), userErrors: [] };
  }
}
