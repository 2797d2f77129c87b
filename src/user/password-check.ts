import type { PasswordThrottle } from '../throttle/password-throttle.js';
import type { PasswordHasher } from './password-hasher.js';
import type { UserEntity } from './user.entity.js';
import type { UserRepository } from './user.repository.js';

export interface PasswordProof {
  readonly passed: boolean;
  /** Who has the address; for the audit trail only when `passed` is false. */
  readonly user: UserEntity | null;
}

/** Tells whether somebody knows a password; unknown addresses take as long as wrong passwords. */
export class PasswordCheck {
  constructor(
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly throttle: PasswordThrottle,
  ) {}

  /** @throws RateLimitedError */
  async prove(email: string, password: string, ip: string | null): Promise<PasswordProof> {
    await this.throttle.reserve(email, ip);
    const user = await this.users.findByEmail(email);
    const matches = await this.hasher.verify(user?.passwordHash ?? null, password);
    if (!user?.enabled || !matches) return { passed: false, user };
    await this.throttle.forgive(email, ip);
    return { passed: true, user };
  }
}
