import type { UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { isId } from '../ids.js';
import { hasRole, type RequestContext } from '../request-context.js';
import type { PasswordCheck } from './password-check.js';
import type { PasswordHasher } from './password-hasher.js';
import { requireGoodPassword } from './password-rules.js';
import type { PasswordWriter } from './password-writer.js';
import type { UserEntity } from './user.entity.js';
import type { ChangePasswordInput } from './user.input.js';
import type { UserRepository } from './user.repository.js';

/** One's own password, proved by the current one; or anybody's, for System Managers. */
export class PasswordChangeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly check: PasswordCheck,
    private readonly writer: PasswordWriter,
  ) {}

  /** @throws UserError, RateLimitedError */
  async change(ctx: RequestContext, input: ChangePasswordInput): Promise<UserEntity> {
    const user = await this.target(ctx, input.id ?? ctx.actor?.id ?? null);
    requireGoodPassword(input.newPassword, user, 'newPassword');
    if (user.id === ctx.actor?.id) await this.proveCurrent(ctx, user, input.currentPassword ?? null);
    const passwordHash = await this.hasher.hash(input.newPassword);
    return this.unitOfWork.run((tx) => this.writer.write(tx, ctx, user, passwordHash));
  }

  private async target(ctx: RequestContext, id: string | null): Promise<UserEntity> {
    const mayChange = id !== null && (id === ctx.actor?.id || hasRole(ctx, 'SYSTEM_MANAGER'));
    const user = mayChange && isId('user', id) ? await this.users.findById(id) : null;
    if (!user) {
      throw new UserError({
        code: 'NOT_FOUND',
        field: ['id'],
        message: 'No such user, or one whose password is not yours to change: leave the id out to change your own.',
      });
    }
    if (user.kind === 'PERSON') return user;
    throw new UserError({
      code: 'NOT_SUPPORTED',
      field: ['id'],
      message: 'A service user has no password: it acts through a client.',
    });
  }

  private async proveCurrent(ctx: RequestContext, user: UserEntity, password: string | null): Promise<void> {
    if (password === null) {
      throw new UserError({
        code: 'REQUIRED',
        field: ['currentPassword'],
        message: 'Write your current password too: a new one of your own needs it.',
      });
    }
    const proof = await this.check.prove(user.email ?? '', password, ctx.ip);
    if (proof.passed) return;
    await this.writer.recordRefusal(ctx, user);
    throw new UserError({
      code: 'INVALID',
      field: ['currentPassword'],
      message: 'This is not your current password: try again, or ask a System Manager to set a new one.',
    });
  }
}
