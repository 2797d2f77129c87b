import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import type { TokenOwner, TokenRepository } from './token.repository.js';

/** What becomes of tokens when their provider, client or user is deleted. */
export class TokenCascade {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** A credential stays with the client id that obtained it (RFC 6749 §6). @throws UserError IN_USE */
  async keepClientId(tx: Transaction, clientRowId: string): Promise<void> {
    const count = await this.tokens.countConnected(clientRowId, tx);
    if (count === 0) return;
    const message =
      'Tokens were obtained with this client id and are refreshed with it: create another client instead.';
    throw new UserError({ code: 'IN_USE', field: ['clientId'], message });
  }

  /** Within a change of the client: what was kept readable of the tokens that the hub has issued to it goes. */
  async forgetAccessTokens(tx: Transaction, clientRowId: string): Promise<void> {
    await this.tokens.forgetAccessTokens(tx, clientRowId);
  }

  /** Within the deletion of a user: what the hub has issued on behalf of that user ends, for good. */
  async endIssuedOf(tx: Transaction, ctx: RequestContext, userId: string): Promise<void> {
    for (const { id, name } of await this.tokens.issuedOf(tx, userId)) {
      if (!(await this.tokens.end(tx, id, this.clock.now()))) continue;
      const detail = { name, toRevokeAtProvider: 0, userId };
      await this.audit.record(tx, ctx, { action: 'TOKEN_REVOKED', subjectId: id, detail });
    }
  }

  /**
   * Deletes the tokens with an audit row for each, within the deletion of their owner. Nothing is sent to the provider:
   * whoever wants the credentials dead there revokes the tokens first.
   *
   * @param ownerName for the message
   * @returns how many there were
   * @throws UserError IN_USE when there are some and `cascade` is not set
   */
  async deleteAllOf(
    tx: Transaction,
    ctx: RequestContext,
    owner: TokenOwner,
    ownerName: string,
    cascade: boolean,
  ): Promise<number> {
    if (!cascade) {
      const count = await this.tokens.countOf(owner, tx);
      if (count > 0) throw inUse(ownerName, count);
      return 0;
    }
    let deleted = 0;
    for await (const batch of this.tokens.deleteAllOf(tx, owner)) {
      const entries = batch.map(({ id, name }) => ({
        ctx,
        entry: { action: 'TOKEN_DELETED', subjectId: id, detail: { name, outcome: null, ...owner } } as const,
      }));
      await this.audit.recordAll(tx, entries);
      deleted += batch.length;
    }
    return deleted;
  }
}

function inUse(ownerName: string, count: number): UserError {
  const tokens = count === 1 ? '1 token' : `${count} tokens`;
  return new UserError({
    code: 'IN_USE',
    field: ['id'],
    message: `${ownerName} still has ${tokens}: revoke and delete them first, or repeat with cascade: true, which deletes them. Those that the hub has issued end with that, those of other providers are not revoked there.`,
  });
}
