import { LessThan } from 'typeorm';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import { deleteInBatches } from '../database/delete-in-batches.js';
import { UnclearCommitError } from '../database/unclear-commit.error.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { newId } from '../ids.js';
import type { StolenFamilies } from '../issued-value/stolen-families.js';
import { isValueText, newValueText, valueHash } from '../issued-value/value-text.js';
import { OAuthError } from '../issuer/oauth-error.js';
import type { RequestContext } from '../request-context.js';
import { AuthorizationCodeEntity } from './authorization-code.entity.js';
import type { AuthorizationCodeRepository, CodeWithUser } from './authorization-code.repository.js';
import { isVerifierOf } from './code-verifier.js';

/** RFC 6749 §4.1.2 allows ten minutes. */
const LIFETIME_MS = 60_000;
/** So long a used code is known again. */
const KEPT_MS = 24 * 60 * 60_000;

/** What a person has consented to, and where the answer goes. */
export interface CodeOrder {
  readonly clientRowId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly resource: readonly string[];
  /** As it stood in the request; null where there was none. */
  readonly redirectUri: string | null;
  /** S256. */
  readonly codeChallenge: string;
  readonly nonce: string | null;
  /** Whether the person said yes for this one. */
  readonly wasAsked: boolean;
  /** The token that has the earlier consent which stood for it; null where none had to. */
  readonly standingTokenId: string | null;
  /** When the person logged in. */
  readonly authenticatedAt: Date;
}

/** As a client sends it that has been authenticated, or has nothing to prove itself with. */
export interface CodeUse {
  readonly code: string;
  readonly client: Pick<ClientEntity, 'id' | 'tokenEndpointAuthMethod'>;
  readonly redirectUri: string | null;
  readonly codeVerifier: string | null;
}

/** What a code is good for. */
export type CodeConsent = Pick<
  CodeOrder,
  'userId' | 'scopes' | 'resource' | 'nonce' | 'wasAsked' | 'standingTokenId' | 'authenticatedAt'
> & {
  readonly codeId: string;
};

/** Authorization codes: good for a minute, for one client, once. @see RFC 6749 §4.1, RFC 7636 */
export class AuthorizationCodes {
  constructor(
    private readonly codes: AuthorizationCodeRepository,
    private readonly thefts: StolenFamilies,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** @returns the code, of which only the SHA-256 is stored */
  async issue(ctx: RequestContext, order: CodeOrder): Promise<string> {
    const code = newValueText('code');
    const now = this.clock.now();
    const { clientRowId: clientId, resource, scopes, ...rest } = order;
    const row = Object.assign(new AuthorizationCodeEntity(), rest, {
      id: newId('authorizationCode'),
      hash: valueHash(code),
      clientId,
      scopes: [...scopes],
      resource: [...resource],
      expiresAt: new Date(now.getTime() + LIFETIME_MS),
      usedAt: null,
      familyId: null,
      createdAt: now,
    });
    const detail = { codeId: row.id, userId: row.userId, scopes, resource, wasAsked: row.wasAsked };
    await this.unitOfWork.run(async (tx) => {
      await this.codes.insert(tx, row);
      await this.audit.record(tx, ctx, { action: 'AUTHORIZATION_CODE_ISSUED', subjectId: clientId, detail });
    });
    return code;
  }

  /**
   * What a code is good for that has not been spent. Nothing that is wrong with the request spends it: whoever has it right
   * may still come.
   *
   * @throws OAuthError invalid_grant; for a code that comes again after what it gave has been ended
   */
  async read(ctx: RequestContext, use: CodeUse): Promise<CodeConsent> {
    const row = await this.find(use);
    if (row.usedAt === null && isUsable(row, use, this.clock.now())) return consentOf(row);
    if (row.usedAt !== null && isProven(row, use)) await this.unitOfWork.run((tx) => this.endWhatItGave(tx, ctx, row));
    throw unusable();
  }

  /**
   * Spends a code together with what it gives: both are committed, or neither.
   *
   * @param familyId of the values that it gives
   * @param give writes them
   * @throws OAuthError invalid_grant when another request was first; what that got has been ended
   */
  async spend(
    ctx: RequestContext,
    codeId: string,
    familyId: string,
    give: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    const use = { usedAt: this.clock.now(), familyId };
    const work = async (tx: Transaction): Promise<boolean> => {
      if (await this.codes.use(tx, codeId, use)) {
        await give(tx);
        return true;
      }
      const code = await this.codes.find(tx, codeId);
      // By this request: its commit was unclear.
      if (code?.familyId === familyId) return true;
      await this.endWhatItGave(tx, ctx, code);
      return false;
    };
    if (!(await this.clearly(work))) throw unusable();
  }

  /** Housekeeping. */
  async purge(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - KEPT_MS);
    await deleteInBatches(this.unitOfWork, AuthorizationCodeEntity, { expiresAt: LessThan(before) });
  }

  /** Work that knows itself again; once more where nobody can say whether its commit happened. */
  private clearly<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(work).catch((error: unknown) => {
      if (!(error instanceof UnclearCommitError)) throw error;
      return this.unitOfWork.run(work);
    });
  }

  /** The code of this client; those of others are as unknown as invented ones. */
  private async find({ client, code }: CodeUse): Promise<CodeWithUser> {
    const row = isValueText('code', code) ? await this.codes.findByHash(valueHash(code)) : null;
    if (row?.clientId !== client.id) throw unusable();
    return row;
  }

  /** @see RFC 6749 §4.1.2 */
  private async endWhatItGave(tx: Transaction, ctx: RequestContext, code: AuthorizationCodeEntity | null) {
    if (!code?.familyId) return;
    await this.thefts.end(tx, ctx, code.familyId, {
      action: 'AUTHORIZATION_CODE_REUSED',
      subjectId: code.clientId,
      success: false,
      detail: { codeId: code.id, userId: code.userId },
    });
  }
}

/** Whether this is the client: one without a secret has but the verifier to show for it. */
function isProven({ codeChallenge }: CodeWithUser, { client, codeVerifier }: CodeUse): boolean {
  const isVerified = codeVerifier !== null && isVerifierOf(codeChallenge, codeVerifier);
  return client.tokenEndpointAuthMethod !== 'NONE' || isVerified;
}

function isUsable(row: CodeWithUser, { codeVerifier, redirectUri }: CodeUse, now: Date): boolean {
  const isOfRequest = row.redirectUri === redirectUri;
  const isVerified = codeVerifier !== null && isVerifierOf(row.codeChallenge, codeVerifier);
  return row.expiresAt > now && row.user.enabled && isOfRequest && isVerified;
}

function consentOf(row: CodeWithUser): CodeConsent {
  const { authenticatedAt, id, nonce, resource, scopes, standingTokenId, userId, wasAsked } = row;
  return { codeId: id, userId, scopes, resource, nonce, wasAsked, standingTokenId, authenticatedAt };
}

/** One answer for each reason: whoever holds a stolen code learns nothing. */
function unusable(): OAuthError {
  return new OAuthError('invalid_grant', 'The authorization code is not valid: ask for authorization again.');
}
