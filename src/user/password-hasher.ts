import { hash, verify } from '@node-rs/argon2';

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;

/** All zero: well-formed, as costly to check as a real one, and no password is known to match it. */
const NOBODYS_HASH = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Hashes passwords with argon2id. A password is the same in every Unicode form that a keyboard may send. */
export class PasswordHasher {
  /** @returns PHC string with its own salt */
  hash(password: string): Promise<string> {
    return hash(password.normalize('NFKC'), { memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: LANES });
  }

  /**
   * @param passwordHash null for an account that does not exist or has no password: takes as long and is never right
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const matches = await verify(passwordHash ?? NOBODYS_HASH, password.normalize('NFKC'));
    return matches && passwordHash !== null;
  }
}
