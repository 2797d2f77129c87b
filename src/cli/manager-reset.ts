import { randomUUID } from 'node:crypto';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { StartupError } from '../errors.js';
import { hubContext } from '../request-context.js';
import type { Secret } from '../secret.js';
import type { Throttle } from '../throttle/throttle.js';
import { generatePassword } from '../user/generate-password.js';
import type { PasswordHasher } from '../user/password-hasher.js';
import type { PasswordWriter } from '../user/password-writer.js';
import { rolesColumn } from '../user/user-columns.js';
import type { UserRepository } from '../user/user.repository.js';

/** The way back in for whoever owns the database: makes a person a System Manager with a new password. */
export class ManagerReset {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly writer: PasswordWriter,
    private readonly throttle: Throttle,
  ) {}

  /**
   * Also switches the person on, ends all sessions, and has wrong passwords counted anew, those of everybody: the counters
   * are hashes, and do not tell whose they are.
   *
   * @returns the new password
   * @throws StartupError when nobody has the address
   */
  async reset(email: string): Promise<Secret> {
    const user = await this.users.findByEmail(email);
    if (!user) {
      throw new StartupError(
        `Nobody has the e-mail address ${email}. Name a person with: npm run admin:reset-password -- --email <address>. ` +
          'A hub that has no users yet makes its first System Manager when it starts.',
      );
    }
    const password = generatePassword();
    const passwordHash = await this.hasher.hash(password.reveal());
    const also = { roles: rolesColumn([...user.roles, 'SYSTEM_MANAGER']), enabled: true };
    await this.unitOfWork.run(async (tx) => {
      await this.writer.write(tx, hubContext(randomUUID()), user, passwordHash, also);
      await this.throttle.countAnew(tx);
    });
    return password;
  }
}
