import type { AuditRecorder } from '../audit/audit.recorder.js';
import { isValueText } from '../issued-value/value-text.js';
import type { RequestContext } from '../request-context.js';
import type { FailureThrottle } from '../throttle/failure-throttle.js';
import { RateLimit } from '../throttle/rate-limit.js';
import type { CallingClient } from './calling-client.repository.js';
import type { PresentedClient } from './presented-client.js';

const TOLD_OF_EACH = 20;
const WINDOW_MS = 15 * 60_000;

/** What becomes of clients that have not proven themselves. */
export class ClientRefusals {
  private readonly told = new RateLimit(TOLD_OF_EACH, WINDOW_MS, 'Refusals of one client in the audit trail');

  constructor(
    private readonly failures: FailureThrottle,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * Tells the audit trail of a client that is known, so often as a person needs to see it.
   *
   * @param client as which the request came; undefined where there is none
   * @throws RateLimitedError after too many that can never have been right
   */
  async note(ctx: RequestContext, presented: PresentedClient, client: CallingClient | undefined): Promise<void> {
    if (!mayHaveBeenRight(presented)) this.failures.count(ctx.ip);
    if (!client || this.told.isUsedUp(client.id)) return;
    this.told.add(client.id);
    const detail = { clientId: client.clientId, by: presented.by };
    await this.audit.recordBeforeAnswer(ctx, {
      action: 'CLIENT_REFUSED',
      subjectId: client.id,
      success: false,
      detail,
    });
  }
}

/** A secret that was rotated out has its form, and a JWT may be signed with a key of before. */
function mayHaveBeenRight(presented: PresentedClient): boolean {
  return presented.by === 'ASSERTION' || (presented.by === 'SECRET' && isValueText('clientSecret', presented.secret));
}
