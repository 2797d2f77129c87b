import type { Clock } from '../database/clock.js';
import type { Transaction } from '../database/unit-of-work.js';
import { newId } from '../ids.js';
import type { UserEntity } from '../user/user.entity.js';
import type { UserRepository } from '../user/user.repository.js';
import type { SessionKind } from './session-kind.js';
import type { SessionRepository } from './session.repository.js';

export interface OpenedSession {
  readonly user: UserEntity;
  readonly sessionId: string;
  readonly refresh: { readonly value: string; readonly expiresAt: Date };
}

/** Writes the row of a new session. */
export class SessionOpener {
  constructor(
    private readonly users: UserRepository,
    private readonly sessions: SessionRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * @param proved the user as read when the password was proved
   * @returns undefined when the user was disabled or got another password since
   */
  async open(tx: Transaction, proved: UserEntity, kind: SessionKind): Promise<OpenedSession | undefined> {
    const user = await this.users.recordLogin(tx, proved);
    if (!user) return undefined;
    const now = this.clock.now();
    const refresh = kind.newValue(newId('session'));
    const expiresAt = kind.expiresAt(now);
    await this.sessions.insert(tx, {
      id: refresh.sessionId,
      userId: user.id,
      refreshHash: refresh.hash,
      previousRefreshHash: null,
      rotatedAt: now,
      expiresAt,
      createdAt: now,
    });
    return { user, sessionId: refresh.sessionId, refresh: { value: refresh.text, expiresAt } };
  }
}
