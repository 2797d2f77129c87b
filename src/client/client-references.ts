import { UserError, type UserProblem } from '../errors.js';
import { isId } from '../ids.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import type { TokenRepository } from '../token/token.repository.js';
import type { UserRepository } from '../user/user.repository.js';
import type { ClientEntity } from './client.entity.js';

type References = Partial<Pick<ClientEntity, 'runAsId' | 'allowedTokens' | 'allowedProviders'>>;
type Kind = 'user' | 'token' | 'provider';

interface Repositories {
  users: Pick<UserRepository, 'findByIds'>;
  tokens: Pick<TokenRepository, 'findByIds'>;
  providers: Pick<ProviderRepository, 'findByIds'>;
}

/** The records that clients of the hub name: as whom they act, and what they may reach. */
export class ClientReferences {
  constructor(private readonly repositories: Repositories) {}

  /** @throws UserError NOT_FOUND that names each field with an unknown id */
  async check({ allowedProviders, allowedTokens, runAsId }: References): Promise<void> {
    const problems = [
      ...(await this.unknown('runAsId', 'user', runAsId == null ? [] : [runAsId])),
      ...(await this.unknown('allowedTokens', 'token', allowedTokens ?? [])),
      ...(await this.unknown('allowedProviders', 'provider', allowedProviders ?? [])),
    ];
    if (problems.length > 0) throw new UserError(problems);
  }

  private async unknown(field: string, kind: Kind, ids: readonly string[]): Promise<UserProblem[]> {
    if (ids.length === 0) return [];
    const isKnown = ids.every((id) => isId(kind, id)) && (await this.count(kind, ids)) === ids.length;
    if (isKnown) return [];
    const message = `No ${kind} has this id: list them with the ${kind}s query.`;
    return [{ code: 'NOT_FOUND', field: [field], message }];
  }

  private async count(kind: Kind, ids: readonly string[]): Promise<number> {
    return (await this.repositories[`${kind}s`].findByIds(ids)).length;
  }
}
