import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { JourneySecrets } from '../authorization/authorization-start.service.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { RequestContext } from '../request-context.js';
import type { RevocationService } from '../revocation/revocation.service.js';
import { hubTokenError } from './exchange-failed.error.js';
import type { ExchangePlanner } from './exchange-planner.js';
import type { ExchangeService } from './exchange.service.js';
import type { TokenParties } from './token-parties.js';
import type { TokenReadService } from './token-read.service.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

interface Stored {
  tokens: TokenRepository;
  reads: TokenReadService;
  parties: TokenParties;
  revocations: RevocationService;
}

interface Exchanges {
  planner: ExchangePlanner;
  service: ExchangeService;
}

/** What a callback does to its token. */
export class TokenConnection {
  constructor(
    private readonly stored: Stored,
    private readonly exchanges: Exchanges,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  async providerOf(tokenId: string): Promise<ProviderEntity> {
    const token = await this.stored.reads.existing(tokenId);
    return (await this.stored.parties.withClient(token, token.clientId)).provider;
  }

  /** Spends the code; the credential from before is revoked where that leaves the new one alone. @throws ExchangeFailedError */
  async connect(
    ctx: RequestContext,
    tokenId: string,
    by: { code: string; redirectUri: string; clientId: string; journey: JourneySecrets; allowOtherAccount: boolean },
  ): Promise<TokenEntity> {
    const found = await this.stored.reads.existing(tokenId);
    const exchange = await this.exchanges.planner.forCode(found, by);
    const { replaced, token } = await this.exchanges.service.run(ctx, found, exchange);
    if (replaced) await this.stored.revocations.send(ctx, replaced);
    return token;
  }

  /** Marks the token; a credential it has stays usable. */
  async refuse(ctx: RequestContext, tokenId: string, error: string, message: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const token = await this.stored.tokens.findById(tokenId, tx);
      if (!token || token.revokedAt) return;
      const now = this.clock.now();
      const lastError = hubTokenError('PROVIDER_REJECTED', error, message, now);
      await this.stored.tokens.overwrite(tx, tokenId, { connectionState: 'ERROR', lastError }, now);
      await this.audit.record(tx, ctx, {
        action: 'AUTHORIZATION_REFUSED',
        subjectId: tokenId,
        success: false,
        detail: { error },
      });
    });
  }
}
