import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { expiryOf, type IssuedFacts } from '../issued-value/issued-facts.js';
import type { IssuedValueRepository } from '../issued-value/issued-value.repository.js';
import type { RequestContext } from '../request-context.js';
import { hasEnded } from '../token/token-status.js';
import { asClient } from './as-client.js';
import type { ClientAuthenticator } from './client-authenticator.js';
import { OAuthError } from './oauth-error.js';
import type { ClientRequest } from './presented-client.js';
import type { SentValues } from './sent-values.js';

interface Parts {
  sent: SentValues;
  values: IssuedValueRepository;
  /** Ends whole tokens. */
  tokens: { revoke(ctx: RequestContext, id: string): Promise<unknown> };
}

/** Lets clients end what they were given, by its value. @see RFC 7009 */
export class ValueRevocationService {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly parts: Parts,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * What is unknown, another client's or over is left as it is, and the client is told nothing of that.
   *
   * @throws OAuthError invalid_client, invalid_request
   * @throws RateLimitedError
   */
  async revoke(ctx: RequestContext, request: ClientRequest): Promise<void> {
    const client = await this.authenticator.authenticate(ctx, request);
    const text = request.parameters.get('token');
    if (text === null) throw new OAuthError('invalid_request', 'The token is missing: send it in the body.');
    const facts = await this.parts.sent.find(text);
    if (facts?.client.id !== client.id) return;
    const now = this.clock.now();
    const ends = [expiryOf(facts), facts.value.endsAt, facts.family?.endsAt ?? null];
    if (ends.some((end) => hasEnded(end, now))) return;
    if (isWholeToken(facts)) await this.parts.tokens.revoke(asClient(ctx, client), facts.token.id);
    else await this.end(asClient(ctx, client), facts, now);
  }

  private async end(ctx: RequestContext, { client, token, value }: IssuedFacts, now: Date): Promise<void> {
    const { values } = this.parts;
    const { familyId, id, kind } = value;
    await this.unitOfWork.run(async (tx) => {
      const hasEnded =
        kind === 'REFRESH' && familyId !== null
          ? await values.endFamily(tx, familyId, now)
          : await values.end(tx, id, now);
      if (!hasEnded) return;
      const detail = { clientId: client.clientId, kind, valueId: id };
      await this.audit.record(tx, ctx, { action: 'ISSUED_VALUE_REVOKED', subjectId: token.id, detail });
    });
  }
}

/** Whether the value is the one of a token that has one at a time; the one from before, in its grace time, is but itself. */
function isWholeToken({ token, value }: IssuedFacts): boolean {
  return token.grantType === 'CLIENT_CREDENTIALS' && token.grantKey === null && value.endsAt === null;
}
