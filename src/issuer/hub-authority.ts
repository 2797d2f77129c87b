import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import { UserError, type UserProblem } from '../errors.js';
import { newId } from '../ids.js';
import { requireGrantable } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import type { Authority, Complete } from '../token/authority.js';
import type { TokenOutcome } from '../token/token-outcome.js';
import type { TokenParties } from '../token/token-parties.js';
import type { TokenReadService } from '../token/token-read.service.js';
import { alreadyShown, overtaken } from '../token/token-remedy.js';
import type { ResetOutcome } from '../token/token-reset.service.js';
import type { TokenEntity } from '../token/token.entity.js';
import type { RequestTokenInput, ResetTokenInput } from '../token/token.input.js';
import type { UserRepository } from '../user/user.repository.js';
import type { Warning } from '../warning.js';
import { issuedTokenRow } from './issued-token-row.js';
import {
  checkIssueRequest,
  checkIssueReset,
  checkItsUser,
  checkRenewable,
  checkScopes,
  scopesWithin,
  wantedScopes,
} from './issued-token-rules.js';
import type { Issued, IssuedTokenWriter } from './issued-token-writer.js';
import { REFRESH_GRACE_MS } from './refresh-rotation.js';

interface Sources {
  parties: TokenParties;
  reads: TokenReadService;
  users: UserRepository;
}

interface Settings {
  authorizationEndpoint: string;
  /** What is wrong with the way that the values go. */
  warnings: () => Warning[];
}

/** The hub itself as the provider: it mints, in the unit of work that stores the token. */
export class HubAuthority implements Authority {
  constructor(
    private readonly sources: Sources,
    private readonly writer: IssuedTokenWriter,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  async request(ctx: RequestContext, input: RequestTokenInput, complete: Complete): Promise<TokenOutcome> {
    checkIssueRequest(input, this.settings.authorizationEndpoint);
    const { expiresIn, grantType, labels, name, resource } = input;
    const client = await this.clientFor(ctx, input);
    const scopes = granted(ctx, wantedScopes(client, input.scopes));
    const userId = await this.userFor(client, input.userId);
    const previous = input.replaces == null ? null : await this.previous(ctx, client, input.replaces);
    const row = issuedTokenRow({
      ...{ id: newId('token'), name: name.trim(), client, userId, grantType, now: this.clock.now() },
      scopes,
      resource: resource ?? [],
      expiresInSeconds: expiresIn ?? null,
    });
    Object.assign(row, { externalId: input.externalId ?? null, replacesId: previous?.id ?? null });
    const ends = input.endPrevious ? previous : null;
    const issued = await this.writer.create(ctx, row, { client, labels: labels ?? [], ends, complete });
    return this.outcomeOf(issued);
  }

  /** The value from before is good for ten seconds more. */
  async refresh(ctx: RequestContext, token: TokenEntity, expectedGeneration: number | null): Promise<TokenOutcome> {
    granted(ctx, token.scopes);
    const isNewer = expectedGeneration !== null && token.generation > expectedGeneration;
    const client = await this.renewable(token);
    if (isNewer) return { token, warnings: [], userErrors: unreadable(token, client) };
    checkScopes(token, client);
    const renewal = { client, action: 'TOKEN_REFRESHED', graceMs: REFRESH_GRACE_MS } as const;
    const changes = { lastRefreshedAt: this.clock.now() };
    const issued = await this.writer.renew(ctx, token, { ...renewal, changes });
    if (issued) return this.outcomeOf(issued);
    const after = await this.sources.reads.existing(token.id);
    if (expectedGeneration === null) throw overtaken(after);
    return this.refresh(ctx, after, expectedGeneration);
  }

  /** The value from before ends at once. */
  async reset(ctx: RequestContext, token: TokenEntity, input: ResetTokenInput): Promise<ResetOutcome> {
    checkIssueReset(input);
    const client = await this.renewable(token);
    const { scopes: asked } = input;
    const scopes = granted(ctx, asked ? wantedScopes(client, asked) : scopesWithin(client, token.scopes));
    const resource = input.resource ?? token.resource;
    const changes = {
      ...{ scopes, askedScopes: scopes, grantedScopes: scopes, resource },
      authorizedAt: this.clock.now(),
    };
    const issued = await this.writer.renew(ctx, token, { client, action: 'TOKEN_RESET', graceMs: 0, changes });
    if (!issued) throw overtaken(token);
    return { ...this.outcomeOf(issued), outcome: 'REVOKED_AT_PROVIDER' };
  }

  private outcomeOf({ accessToken, token }: Issued): TokenOutcome {
    return { token, accessToken, warnings: this.settings.warnings(), userErrors: [] };
  }

  /** The hub has no default client, so that whether to use it makes no difference. */
  private async clientFor(ctx: RequestContext, input: RequestTokenInput): Promise<ClientEntity> {
    if (input.clientId == null) {
      const message = 'Name the client of the third party that the token is for: list them with the clients query.';
      throw new UserError({ code: 'REQUIRED', field: ['clientId'], message });
    }
    return (await this.sources.parties.forNew(ctx, { ...input, useProviderClient: false }, input.grantType)).client;
  }

  /** As whom the client acts; nobody, where it is set to none. */
  private async userFor({ name, runAsId }: ClientEntity, asked: string | null | undefined): Promise<string | null> {
    if (asked != null && asked !== runAsId) {
      const message = `A token of ${name} acts as the user that its client is set to: set runAs with updateClient, and leave userId out.`;
      throw new UserError({ code: 'INVALID', field: ['userId'], message });
    }
    if (runAsId === null) return null;
    const user = await this.sources.users.findById(runAsId);
    if (user?.enabled) return user.id;
    const message = user
      ? `${user.name}, as whom ${name} acts, is switched off: switch the user on, or set another runAs with updateClient.`
      : `The user as whom ${name} acts is gone: set another runAs with updateClient.`;
    throw new UserError({ code: user ? 'DISABLED' : 'NOT_FOUND', field: ['clientId'], message });
  }

  private async previous(ctx: RequestContext, client: ClientEntity, id: string): Promise<TokenEntity> {
    const token = await this.sources.reads.toChange(ctx, id, 'replaces');
    if (token.clientId === client.id) return token;
    const message = `${token.name} is of another client than ${client.name}: name a token of this one.`;
    throw new UserError({ code: 'INVALID', field: ['replaces'], message });
  }

  /** @returns its client @throws UserError DISABLED, NOT_SUPPORTED */
  private async renewable(token: TokenEntity): Promise<ClientEntity> {
    checkRenewable(token, this.clock.now());
    const { client } = await this.sources.parties.ofCredential(token);
    checkItsUser(token, client);
    return client;
  }
}

/** @param scopes all that the token will have @throws ForbiddenError */
function granted(ctx: RequestContext, scopes: string[]): string[] {
  requireGrantable(ctx, scopes, 'A token of the hub');
  return scopes;
}

/** What the caller wanted cannot be had from the token any more. */
function unreadable(token: TokenEntity, { tokenStorage }: ClientEntity): UserProblem[] {
  return tokenStorage === 'RECOVERABLE' ? [] : [alreadyShown(token, 'expectedGeneration')];
}
