import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError, type UserProblem } from '../errors.js';
import type { HubProvider } from '../issuer/hub-provider.js';
import { noSchedule } from '../issuer/issued-token-rules.js';
import { nameKey } from '../name-key.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import { requireSecrets } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import { credentialHosts } from './credential-host.js';
import { labelProblems, scheduleProblems } from './token-ask-rules.js';
import { resetIntervalOf } from './token-draft.js';
import type { TokenReadService } from './token-read.service.js';
import type { TokenEntity } from './token.entity.js';
import type { UpdateTokenInput } from './token.input.js';
import type { TokenRepository } from './token.repository.js';

interface Stored {
  reads: TokenReadService;
  tokens: TokenRepository;
  providers: ProviderRepository;
  hubProvider: Pick<HubProvider, 'is'>;
}

/** By what it is planned when a token is renewed. */
const PLANNED_BY: ReadonlySet<string> = new Set(['enabled', 'autoRefresh', 'resetInterval', 'credentialHost']);

/** Changes what an administrator may change of a token by hand. */
export class TokenChangeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stored: Stored,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /** @throws UserError; ForbiddenError for a machine that confirms a host without `hub:secrets` */
  async update(ctx: RequestContext, input: UpdateTokenInput): Promise<TokenEntity> {
    const problems = labelProblems(input);
    if (problems.length > 0) throw new UserError(problems);
    const { grantType, providerId } = await this.stored.reads.toChange(ctx, input.id);
    if (input.confirmHost) requireSecrets(ctx, 'confirmHost');
    const isOurs = this.stored.hubProvider.is(providerId);
    const onSchedule = isOurs ? notOfOurs(input) : scheduleProblems(input, grantType);
    if (onSchedule.length > 0) throw new UserError(onSchedule);
    return this.unitOfWork.run(async (tx) => {
      const token = await this.stored.tokens.findById(input.id, tx);
      if (!token)
        throw new UserError({ code: 'NOT_FOUND', field: ['id'], message: 'The token was deleted meanwhile.' });
      const changes = { ...changesOf(token, input), ...(input.confirmHost ? await this.presentHosts(tx, token) : {}) };
      const changed = [
        ...Object.keys(changes).filter((each) => each !== 'nameKey'),
        ...(input.labels ? ['labels'] : []),
      ];
      if (changed.length === 0) return token;
      if (input.labels) await this.stored.tokens.setLabels(tx, token.id, input.labels);
      const now = this.clock.now();
      // The background looks at once what that means for it.
      const isReplanned = !isOurs && changed.some((each) => PLANNED_BY.has(each));
      if (isReplanned) await this.stored.tokens.planAnew(tx, token.id, now);
      const updated = (await this.stored.tokens.overwrite(tx, token.id, changes, now)) ?? token;
      await this.audit.record(tx, ctx, {
        action: 'TOKEN_UPDATED',
        subjectId: token.id,
        detail: { name: updated.name, changed },
      });
      return updated;
    });
  }

  /** Read in the transaction: what is confirmed is what stands there now. */
  private async presentHosts(tx: Transaction, token: TokenEntity): Promise<Partial<TokenEntity>> {
    const provider = await this.stored.providers.findById(token.providerId, tx);
    const credentialHost = provider && credentialHosts(provider);
    return credentialHost === null || credentialHost === token.credentialHost ? {} : { credentialHost };
  }
}

/** What the hub issues itself it renews by no schedule, and sends nowhere. */
function notOfOurs({ autoRefresh, confirmHost, resetInterval }: UpdateTokenInput): UserProblem[] {
  const given = { autoRefresh: autoRefresh === true, resetInterval: resetInterval != null };
  const onSchedule = Object.entries(given)
    .filter(([, isGiven]) => isGiven)
    .map(([field]) => noSchedule(field));
  return confirmHost ? [...onSchedule, SENT_NOWHERE] : onSchedule;
}

const SENT_NOWHERE: UserProblem = {
  code: 'NOT_SUPPORTED',
  field: ['confirmHost'],
  message: 'The hub sends what it issues to no host that could be confirmed: leave confirmHost out.',
};

function changesOf(
  token: TokenEntity,
  { autoRefresh, enabled, externalId, name, resetInterval }: UpdateTokenInput,
): Partial<TokenEntity> {
  return {
    ...(name == null || name.trim() === token.name ? {} : { name: name.trim(), nameKey: nameKey(name) }),
    ...(enabled == null || enabled === token.enabled ? {} : { enabled }),
    ...(autoRefresh == null || autoRefresh === token.autoRefresh ? {} : { autoRefresh }),
    ...(resetInterval == null || resetIntervalOf(resetInterval) === token.resetInterval
      ? {}
      : { resetInterval: resetIntervalOf(resetInterval) }),
    ...(externalId == null || externalId === token.externalId ? {} : { externalId }),
  };
}
