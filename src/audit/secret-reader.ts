import type { RequestContext } from '../request-context.js';
import { RateLimit } from '../throttle/rate-limit.js';
import type { AuditRecorder } from './audit.recorder.js';

const READS_PER_MINUTE = 300;

/** The only way a stored secret leaves the hub: counted for each caller, and told in the audit trail first. */
export class SecretReader {
  private readonly limit = new RateLimit(READS_PER_MINUTE, 60_000, 'Reads of secrets');

  constructor(private readonly audit: AuditRecorder) {}

  /**
   * @param field the secret's name in the API, such as `clientSecret`
   * @param open opens the sealed value
   * @throws RateLimitedError
   */
  async read(ctx: RequestContext, subjectId: string, field: string, open: () => Promise<string>): Promise<string> {
    return (await this.readIfStored(ctx, subjectId, field, open)) as string;
  }

  /** As `read`; nothing is told where nothing is stored. */
  async readIfStored(
    ctx: RequestContext,
    subjectId: string,
    field: string,
    open: () => Promise<string | null>,
  ): Promise<string | null> {
    this.limit.count(ctx.actor?.client?.id ?? ctx.actor?.id ?? 'hub');
    const value = await open();
    if (value === null) return null;
    await this.audit.recordBeforeAnswer(ctx, { action: 'SECRET_READ', subjectId, detail: { field } });
    return value;
  }
}
