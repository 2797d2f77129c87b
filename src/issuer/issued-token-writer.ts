import type { AuditAction } from '../audit/audit-event.js';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import type { IssuedValueMinter, Minted } from '../issued-value/issued-value-minter.js';
import type { IssuedValueRepository } from '../issued-value/issued-value.repository.js';
import type { RequestContext } from '../request-context.js';
import type { Complete } from '../token/authority.js';
import type { TokenSecrets } from '../token/token-secrets.js';
import type { TokenStore } from '../token/token-store.js';
import type { TokenEntity } from '../token/token.entity.js';
import type { TokenRepository } from '../token/token.repository.js';
import type { IssuedGrantRepository } from './issued-grant.repository.js';
import { expiryColumns, secondsAfter } from './issued-token-row.js';

/** How long what nobody can use any more is kept, for whoever looks into it. */
const ENDED_KEPT_MS = 24 * 60 * 60_000;

interface Stored {
  store: TokenStore;
  tokens: TokenRepository;
  grants: IssuedGrantRepository;
  values: IssuedValueRepository;
  minter: IssuedValueMinter;
}

/** A token as it is stored, and its value, which is stored nowhere in the open. */
export interface Issued {
  token: TokenEntity;
  accessToken: string;
}

interface Creation {
  client: ClientEntity;
  labels: readonly { name: string; value: string }[];
  /** The token that ends with this. */
  ends: TokenEntity | null;
  complete: Complete;
}

interface Renewal {
  client: ClientEntity;
  action: AuditAction;
  /** So long the values from before are good. */
  graceMs: number;
  changes: Partial<TokenEntity>;
}

/** Writes tokens of one value with that value: each time in one commit, and with its audit. */
export class IssuedTokenWriter {
  constructor(
    private readonly stored: Stored,
    private readonly secrets: TokenSecrets,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** @throws UserError TAKEN, NOT_FOUND */
  async create(ctx: RequestContext, row: TokenEntity, creation: Creation): Promise<Issued> {
    const { client, complete, ends, labels } = creation;
    const { expiresAt, grantType, id, replacesId } = row;
    const minted = await this.mint(id, expiresAt);
    const token = Object.assign(row, this.credential(id, client, minted));
    await this.stored.store.create(ctx, token, labels, async (tx, answer) => {
      await complete(tx, answer);
      await this.stored.minter.insert(tx, minted);
      const detail = { grantType, expiresAt, replacesId, withRefreshToken: false };
      await this.audit.record(tx, ctx, { action: 'TOKEN_ISSUED', subjectId: id, detail });
      if (ends) await this.end(tx, ctx, ends, id);
    });
    return { token, accessToken: minted.accessToken };
  }

  /**
   * Another value in the place of those from before, which lasts as long as the first one did.
   *
   * @returns null when the token was renewed or revoked since it was read
   */
  async renew(ctx: RequestContext, before: TokenEntity, renewal: Renewal): Promise<Issued | null> {
    const { action, changes, client, graceMs } = renewal;
    const { expiresIn, id } = before;
    const now = this.clock.now();
    const expiresAt = expiresIn === null ? null : secondsAfter(now, expiresIn);
    const minted = await this.mint(id, expiresAt);
    const generation = before.generation + 1;
    const columns = {
      ...changes,
      ...this.credential(id, client, minted),
      ...expiryColumns(expiresAt, now),
      ...{ generation, issuedAt: now, updatedAt: now },
    };
    const token = await this.unitOfWork.run(async (tx) => {
      if (!(await this.stored.grants.renew(tx, before, columns))) return null;
      await this.stored.values.endAllOf(tx, id, now, graceMs);
      await this.stored.values.deleteEnded(tx, id, new Date(now.getTime() - ENDED_KEPT_MS));
      await this.stored.minter.insert(tx, minted);
      await this.audit.record(tx, ctx, { action, subjectId: id, detail: { generation, expiresAt } });
      return this.stored.tokens.findById(id, tx);
    });
    return token && { token, accessToken: minted.accessToken };
  }

  private async end(tx: Transaction, ctx: RequestContext, { id, name }: TokenEntity, replacedBy: string) {
    if (!(await this.stored.tokens.end(tx, id, this.clock.now()))) return;
    const detail = { name, toRevokeAtProvider: 0, replacedBy };
    await this.audit.record(tx, ctx, { action: 'TOKEN_REVOKED', subjectId: id, detail });
  }

  private mint(tokenId: string, expiresAt: Date | null): Promise<Minted> {
    return this.stored.minter.prepare({ tokenId, scopes: null, expiresAt, refresh: null });
  }

  /** The columns of the value: sealed only where the client wants to read it again. */
  private credential(id: string, { tokenStorage }: ClientEntity, { accessToken }: Minted): Partial<TokenEntity> {
    const isReadable = tokenStorage === 'RECOVERABLE';
    return {
      accessToken: isReadable ? this.secrets.seal(id, 'accessToken', accessToken) : null,
      accessTokenHint: accessToken.slice(-4),
    };
  }
}
