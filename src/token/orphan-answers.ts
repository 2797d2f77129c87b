import { decodeTime } from 'ulid';
import type { Clock } from '../database/clock.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { hiddenCredentials } from '../oauth/hidden-token.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import { type Credentials, readTokenAnswer } from '../oauth/token-response.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import { NOTHING_TO_REVOKE, type RevocationPlan, type RevocationPlanner } from '../revocation/revocation-planner.js';
import type { RevocationRepository } from '../revocation/revocation.repository.js';
import { sealedRef } from '../vault/sealed-column.js';
import { VaultError } from '../vault/vault-error.js';
import type { Vault } from '../vault/vault.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import { type AttributedAnswer, attributedAnswerSchema } from './exchange-journal.js';
import { JOURNAL_MS } from './token-purge.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

interface Stored {
  tokens: TokenRepository;
  attempts: ExchangeAttemptRepository;
  providers: ProviderRepository;
  revocations: RevocationRepository;
}

/** What an answer gives, and by whom. */
interface Given {
  provider: ProviderEntity;
  answer: Credentials;
}

/**
 * Answers that nobody reads any more, as their token is revoked or deleted: what they give is revoked at the provider, if
 * the token was; else only what leaves alone all that lives on there.
 */
export class OrphanAnswers {
  constructor(
    private readonly stored: Stored,
    private readonly planner: RevocationPlanner,
    private readonly vault: Vault,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * Has what it holds revoked at its provider.
   *
   * @returns false where that cannot be, or might end a credential that is in use: somebody has to look after it
   */
  async revoke(attemptId: string, sealed: string): Promise<boolean> {
    // An older attempt is gone by its age, whatever has become of its token.
    if (decodeTime(attemptId.slice(4)) < this.clock.now().getTime() - JOURNAL_MS) return false;
    const found = await this.open(attemptId, sealed);
    if (!found || (await this.stored.tokens.findById(found.tokenId))) return false;
    const given = await this.given(found);
    if (!given) return given === null;
    // What the token held, and may live on elsewhere, is not known any more.
    if (!(await this.planner.wasRevoked(found.tokenId))) return false;
    const { rows } = this.planner.ofAnswer(found.tokenId, found.clientId, given.provider, given.answer);
    await this.unitOfWork.run((tx) => this.stored.revocations.insert(tx, rows));
    return rows.length > 0;
  }

  /**
   * What is stored for a token and has not been read, to be revoked with it as far as it can be read.
   *
   * @param isDeleted false where the token stays, and with it whoever is about to read what can be
   * @param isRevoked false when its credential lives on at the provider
   * @returns for each answer that may give something
   */
  async ofToken(
    token: TokenEntity,
    { isDeleted, isRevoked }: Record<'isDeleted' | 'isRevoked', boolean>,
  ): Promise<RevocationPlan[]> {
    const plans: RevocationPlan[] = [];
    for (const attempt of await this.stored.attempts.unreadOf(token.id, !isDeleted)) {
      const found = attempt.answer === null ? undefined : await this.open(attempt.id, attempt.answer);
      const given = found && (await this.given(found));
      if (given === null) continue;
      plans.push(found && given ? await this.planOf(token, found.clientId, given, isRevoked) : NOTHING_TO_REVOKE);
    }
    return plans;
  }

  /** Those that a revocation has planned for. */
  endKept(tx: Transaction, tokenId: string): Promise<void> {
    return this.stored.attempts.endKept(tx, tokenId, this.clock.now());
  }

  private async planOf(
    token: TokenEntity,
    clientId: string,
    { answer, provider }: Given,
    isRevoked: boolean,
  ): Promise<RevocationPlan> {
    return isRevoked
      ? this.planner.ofAnswer(token.id, clientId, provider, answer)
      : this.planner.ofRefused(token, clientId, provider, answer);
  }

  /** @returns null when it gives nothing, undefined when nobody can tell */
  private async given(found: AttributedAnswer): Promise<Given | null | undefined> {
    const provider = await this.stored.providers.findById(found.providerId);
    if (!provider) return undefined;
    const answer = this.read(found, provider);
    return answer && { provider, answer };
  }

  private async open(attemptId: string, sealed: string): Promise<AttributedAnswer | undefined> {
    try {
      const opened = await this.vault.open(sealedRef(ExchangeAttemptEntity, 'answer', attemptId), sealed);
      return attributedAnswerSchema.safeParse(JSON.parse(opened)).data;
    } catch (error) {
      // Of another installation, or by a key that is gone.
      if (error instanceof VaultError) return undefined;
      throw error;
    }
  }

  /** @returns null when it gives nothing, undefined when nobody can tell */
  private read(found: AttributedAnswer, provider: ProviderEntity): Credentials | null | undefined {
    const now = this.clock.now();
    const { expiresInUnit, scopeSeparator } = provider;
    try {
      return readTokenAnswer(found, { expiresInUnit, scopeSeparator, secrets: [], sentAt: now, receivedAt: now });
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      if (error.code !== 'PROVIDER_INVALID_RESPONSE') return null;
      const hidden = hiddenCredentials(found);
      return error.mayHoldToken && (hidden.accessToken ?? hidden.refreshToken) !== undefined ? hidden : undefined;
    }
  }
}
