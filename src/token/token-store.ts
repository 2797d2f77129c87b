import type { AuditRecorder } from '../audit/audit.recorder.js';
import { isForeignKeyViolation } from '../database/dialect.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { isId } from '../ids.js';
import type { Answer } from '../idempotency/idempotency.service.js';
import type { RequestContext } from '../request-context.js';
import type { TokenEntity } from './token.entity.js';
import type { TokenRepository } from './token.repository.js';

type Labels = readonly { name: string; value: string }[];

/** Writes tokens with their audit. */
export class TokenStore {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: TokenRepository,
    private readonly audit: AuditRecorder,
  ) {}

  /** @throws UserError TAKEN, NOT_FOUND */
  async create(
    ctx: RequestContext,
    token: TokenEntity,
    labels: Labels,
    complete: (tx: Transaction, answer: Answer) => Promise<void>,
  ): Promise<void> {
    const { clientId, grantType, id, name, providerId } = token;
    await this.unitOfWork.run(async (tx) => {
      await this.insert(tx, token);
      await this.tokens.setLabels(tx, id, labels);
      await this.audit.record(tx, ctx, {
        action: 'TOKEN_CREATED',
        subjectId: id,
        detail: { name, providerId, clientId, grantType },
      });
      await complete(tx, { tokenId: id });
    });
  }

  private async insert(tx: Transaction, token: TokenEntity): Promise<void> {
    // What cannot be an id may not fit its column either.
    if (token.userId !== null && !isId('user', token.userId)) throw noSuchParty();
    try {
      await this.tokens.insert(tx, token);
    } catch (error) {
      throw isForeignKeyViolation(error) ? noSuchParty({ cause: error }) : error;
    }
  }
}

/** Also of a user whom the caller may not see. */
export function noSuchParty(options?: { cause: unknown }): UserError {
  const message =
    'The user, client or provider does not exist: check userId first, the others were there a moment ago.';
  return new UserError({ code: 'NOT_FOUND', field: ['userId'], message }, options);
}
