import type { AuditRecorder } from '../audit/audit.recorder.js';
import { isUniqueViolation } from '../database/dialect.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import type { SessionRepository } from '../session/session.repository.js';
import type { LastManagerGuard } from './last-manager-guard.js';
import { emailColumns, emailTaken, nameColumns, rolesColumn } from './user-columns.js';
import type { UserEntity } from './user.entity.js';
import type { UpdateUserInput } from './user.input.js';
import { userNotFound } from './user-not-found.js';
import type { UserRepository } from './user.repository.js';

type Changes = Partial<Pick<UserEntity, 'name' | 'nameKey' | 'email' | 'emailKey' | 'roles' | 'enabled'>>;

/** Renames, moves, empowers and switches users; who is switched off is out at once. */
export class UserUpdateService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UserRepository,
    private readonly sessions: SessionRepository,
    private readonly lastManager: LastManagerGuard,
    private readonly audit: AuditRecorder,
  ) {}

  /** @throws UserError */
  async update(ctx: RequestContext, input: UpdateUserInput): Promise<UserEntity> {
    try {
      return await this.unitOfWork.run(async (tx) => {
        const user = await this.users.findById(input.id, tx);
        if (!user) throw userNotFound();
        const changes = changesOf(user, input);
        return Object.keys(changes).length === 0 ? user : await this.write(tx, ctx, user, changes);
      });
    } catch (error) {
      throw isUniqueViolation(error) ? emailTaken(error) : error;
    }
  }

  private async write(tx: Transaction, ctx: RequestContext, user: UserEntity, changes: Changes): Promise<UserEntity> {
    await this.lastManager.requireAnother(tx, user, changes);
    const changed = await this.users.update(tx, user, changes);
    const endedSessions = changed.enabled ? 0 : await this.sessions.deleteAllOf(tx, user.id);
    const { nameKey: _nameKey, emailKey: _emailKey, ...shown } = changes;
    const detail = endedSessions > 0 ? { ...shown, endedSessions } : shown;
    await this.audit.record(tx, ctx, { action: 'USER_UPDATED', subjectId: user.id, detail });
    return changed;
  }
}

/** Null and left out both mean: as it is. */
function changesOf(user: UserEntity, input: UpdateUserInput): Changes {
  const changes: Changes = {};
  if (input.name != null) Object.assign(changes, nameColumns(input.name));
  if (input.email != null) Object.assign(changes, emailColumns(input.email));
  if (input.roles != null) changes.roles = rolesColumn(input.roles);
  if (input.enabled != null) changes.enabled = input.enabled;
  if (input.email != null && user.kind === 'SERVICE') {
    throw new UserError({
      code: 'INVALID',
      field: ['email'],
      message: 'A service user never logs in: leave the email out.',
    });
  }
  if (changes.roles?.length === 0) {
    throw new UserError({ code: 'REQUIRED', field: ['roles'], message: 'Give at least one role.' });
  }
  const differing = Object.entries(changes).filter(
    ([column, value]) => String(user[column as keyof Changes]) !== String(value),
  );
  return Object.fromEntries(differing);
}
