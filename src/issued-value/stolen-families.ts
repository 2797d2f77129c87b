import type { AuditEntry } from '../audit/audit-event.js';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { Transaction } from '../database/unit-of-work.js';
import type { RequestContext } from '../request-context.js';
import type { TokenRepository } from '../token/token.repository.js';
import type { IssuedValueRepository } from './issued-value.repository.js';

/** Ends families of refresh tokens of which somebody has come twice, and what they stand on. */
export class StolenFamilies {
  constructor(
    private readonly values: IssuedValueRepository,
    private readonly tokens: Pick<TokenRepository, 'end'>,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * What the person has consented to stands for no consent any more: the next request asks. Where nothing else lives of its
   * token, that is revoked; one that is off stays, as its switch counts.
   *
   * @param reuse what the audit trail is told, unless it had ended before
   */
  async end(tx: Transaction, ctx: RequestContext, familyId: string, reuse: AuditEntry): Promise<void> {
    const now = this.clock.now();
    if (!(await this.values.endFamily(tx, familyId, now))) return;
    await this.audit.record(tx, ctx, reuse);
    const token = await this.values.endConsent(tx, familyId);
    if (!token?.enabled || (await this.values.hasLiveFamily(tx, token.id, now))) return;
    if (!(await this.tokens.end(tx, token.id, now))) return;
    const detail = { name: token.name, toRevokeAtProvider: 0, reason: reuse.action };
    await this.audit.record(tx, ctx, { action: 'TOKEN_REVOKED', subjectId: token.id, detail });
  }
}
