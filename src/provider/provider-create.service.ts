import type { ClientWriter } from '../client/client-writer.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { IdempotencyService } from '../idempotency/idempotency.service.js';
import type { RequestContext } from '../request-context.js';
import type { ProviderSource } from './provider-source.js';
import type { ProviderDraft, ProviderWriter } from './provider-writer.js';
import type { ProviderEntity } from './provider.entity.js';
import type { CreateProviderFromCatalogueInput, CreateProviderInput, DiscoverProviderInput } from './provider.input.js';
import type { ProviderRepository } from './provider.repository.js';

type Input = CreateProviderInput | CreateProviderFromCatalogueInput | DiscoverProviderInput;

/** Makes providers, each from its own source of settings. */
export class ProviderCreateService {
  constructor(
    private readonly source: ProviderSource,
    private readonly writer: ProviderWriter,
    private readonly clients: ClientWriter,
    private readonly idempotency: IdempotencyService,
    private readonly store: { unitOfWork: UnitOfWork; providers: ProviderRepository },
  ) {}

  create(ctx: RequestContext, input: CreateProviderInput): Promise<ProviderEntity> {
    return this.once(ctx, 'createProvider', input, () => this.source.fromBase(input.baseId, input, input));
  }

  createFromCatalogue(ctx: RequestContext, input: CreateProviderFromCatalogueInput): Promise<ProviderEntity> {
    return this.once(ctx, 'createProviderFromCatalogue', input, () => {
      const variables = valuesOf(input.variables ?? []);
      return Promise.resolve(this.source.fromCatalogue(input.catalogueKey, variables, input, input));
    });
  }

  /** With `dryRun` the provider is checked and shown but not saved. */
  async discover(ctx: RequestContext, input: DiscoverProviderInput): Promise<ProviderEntity> {
    const draft = () => this.source.fromIssuer(input.issuer, input, input);
    if (!input.dryRun) return this.once(ctx, 'discoverProvider', input, draft);
    const provider = await this.writer.prepare(await draft());
    if (input.client) this.clients.prepareDefault(provider, input.client);
    return provider;
  }

  private once(
    ctx: RequestContext,
    mutation: string,
    input: Input,
    draft: () => Promise<ProviderDraft>,
  ): Promise<ProviderEntity> {
    return this.idempotency.run(
      ctx,
      { mutation, key: input.idempotencyKey, input },
      {
        execute: async (complete) => {
          const provider = await this.writer.prepare(await draft());
          const client = input.client ? this.clients.prepareDefault(provider, input.client) : undefined;
          await this.store.unitOfWork.run(async (tx) => {
            await this.writer.insert(tx, ctx, provider);
            if (client) await this.clients.insert(tx, ctx, client);
            await complete(tx, { providerId: provider.id });
          });
          return provider;
        },
        repeat: async ({ providerId }) => {
          const provider = providerId ? await this.store.providers.findById(providerId) : null;
          if (provider) return provider;
          throw new UserError({
            code: 'NOT_FOUND',
            field: ['idempotencyKey'],
            message: 'The provider that this key made has been deleted since: use a new idempotency key.',
          });
        },
      },
    );
  }
}

/** @throws UserError when a variable comes twice */
function valuesOf(variables: readonly { name: string; value: string }[]): Record<string, string> {
  const repeated = variables.find(({ name }, index) => variables.findIndex((each) => each.name === name) < index);
  if (!repeated) return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  throw new UserError({
    code: 'INVALID',
    field: ['variables', repeated.name],
    message: `The variable ${repeated.name} is given twice: keep one.`,
  });
}
