import { randomUUID } from 'node:crypto';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { StartupError, UserError } from '../errors.js';
import { newId } from '../ids.js';
import { hubContext } from '../request-context.js';
import type { Secret } from '../secret.js';
import { generatePassword } from './generate-password.js';
import type { LastManagerGuard } from './last-manager-guard.js';
import type { PasswordHasher } from './password-hasher.js';
import { requireGoodPassword } from './password-rules.js';
import { emailColumns, nameColumns } from './user-columns.js';
import type { UserEntity } from './user.entity.js';
import type { UserRepository } from './user.repository.js';

const NAME = 'System Manager';

export interface FirstManagerResult {
  /** False when the hub has users already, or another replica was first. */
  readonly created: boolean;
  readonly email: string;
  /** Only where it was generated here; the caller hands it over, once. */
  readonly generatedPassword?: Secret;
}

/** Makes the System Manager of a hub that has no users yet. */
export class FirstManager {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UserRepository,
    private readonly lastManager: LastManagerGuard,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditRecorder,
  ) {}

  /**
   * @param given undefined password: one is generated
   * @throws StartupError when the password is no good
   */
  async ensure(given: { email: string; password: Secret | undefined }): Promise<FirstManagerResult> {
    const { email } = given;
    if (await this.users.hasAny()) return { created: false, email };
    if (given.password) requireUsable(given.password, email);
    const password = given.password ?? generatePassword();
    const passwordHash = await this.hasher.hash(password.reveal());
    if (!(await this.create(email, passwordHash))) return { created: false, email };
    return { created: true, email, ...(given.password ? {} : { generatedPassword: password }) };
  }

  private create(email: string, passwordHash: string): Promise<boolean> {
    const draft = {
      id: newId('user'),
      ...nameColumns(NAME),
      ...emailColumns(email),
      kind: 'PERSON' as const,
      roles: ['SYSTEM_MANAGER'] satisfies UserEntity['roles'],
      passwordHash,
      enabled: true,
    };
    return this.unitOfWork.run(async (tx) => {
      await this.lastManager.enter(tx);
      if (await this.users.hasAny(tx)) return false;
      const { id } = await this.users.insert(tx, { ...draft, roles: [...draft.roles] });
      const detail = { name: NAME, email, kind: draft.kind, roles: draft.roles };
      await this.audit.record(tx, hubContext(randomUUID()), { action: 'USER_CREATED', subjectId: id, detail });
      return true;
    });
  }
}

function requireUsable(password: Secret, email: string): void {
  try {
    requireGoodPassword(password.reveal(), { name: NAME, email }, 'password');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new StartupError(`HUB_ADMIN_PASSWORD cannot be used. ${error.message}`, undefined, { cause: error });
  }
}
