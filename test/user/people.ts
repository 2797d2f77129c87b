import { randomBytes } from 'node:crypto';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import { databaseConfig } from '../../src/config.js';
import type { Clock } from '../../src/database/clock.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { IdempotencyService } from '../../src/idempotency/idempotency.service.js';
import type { Actor, RequestContext } from '../../src/request-context.js';
import { SessionRepository } from '../../src/session/session.repository.js';
import { PasswordThrottle } from '../../src/throttle/password-throttle.js';
import { Throttle } from '../../src/throttle/throttle.js';
import { actorOf } from '../../src/user/actor-of.js';
import { FirstManager } from '../../src/user/first-manager.js';
import { LastManagerGuard } from '../../src/user/last-manager-guard.js';
import { PasswordChangeService } from '../../src/user/password-change.service.js';
import { PasswordCheck } from '../../src/user/password-check.js';
import { PasswordHasher } from '../../src/user/password-hasher.js';
import { PasswordWriter } from '../../src/user/password-writer.js';
import { TokenCascade } from '../../src/token/token-cascade.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { UserCreateService } from '../../src/user/user-create.service.js';
import { UserDeleteService } from '../../src/user/user-delete.service.js';
import { UserReadService } from '../../src/user/user-read.service.js';
import { UserUpdateService } from '../../src/user/user-update.service.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import type { CreateUserInput } from '../../src/user/user.input.js';
import { UserRepository } from '../../src/user/user.repository.js';
import { DataKeyRing } from '../../src/vault/data-key-ring.js';
import { DataKeyRepository } from '../../src/vault/data-key.repository.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { Vault } from '../../src/vault/vault.js';

const MASTER_KEYS = parseMasterKeys(randomBytes(32).toString('base64'));

export const PASSWORD = 'not a real password';

/** A clock that tests move; it stands still otherwise. */
export class StoppedClock implements Clock {
  nowMs = Date.parse('2026-03-01T12:00:00.000Z');

  now(): Date {
    return new Date(this.nowMs);
  }
}

/** Everything about users as one process of the hub has it. */
export class People {
  readonly unitOfWork: UnitOfWork;
  readonly audit: AuditRecorder;
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly throttle: Throttle;
  readonly hasher = new PasswordHasher();
  readonly check: PasswordCheck;
  readonly writer: PasswordWriter;
  readonly lastManager: LastManagerGuard;
  readonly firstManager: FirstManager;
  readonly reads: UserReadService;
  readonly creation: UserCreateService;
  readonly change: UserUpdateService;
  readonly deletion: UserDeleteService;
  readonly passwords: PasswordChangeService;
  private made = 0;

  /** @param shared what two replicas on SQLite have in common, because it serves one process */
  constructor(
    readonly database: Database,
    readonly clock: StoppedClock,
    readonly vault: Vault,
    shared?: People,
  ) {
    this.unitOfWork = shared?.unitOfWork ?? new UnitOfWork(database);
    this.audit = new AuditRecorder(this.unitOfWork, clock);
    this.users = new UserRepository(database, clock);
    this.sessions = new SessionRepository(database);
    this.throttle = new Throttle(this.unitOfWork, database.dialect);
    this.check = new PasswordCheck(this.users, this.hasher, new PasswordThrottle(this.throttle));
    this.writer = new PasswordWriter(this.users, this.sessions, this.audit);
    this.lastManager = new LastManagerGuard(this.users);
    const idempotency = new IdempotencyService(database, this.unitOfWork, vault);
    const { unitOfWork, users, sessions, hasher, check, writer, lastManager, audit } = this;
    const tokens = new TokenCascade(new TokenRepository(database), audit, clock);
    this.firstManager = new FirstManager(unitOfWork, users, lastManager, hasher, audit);
    this.reads = new UserReadService(users);
    this.creation = new UserCreateService(unitOfWork, users, hasher, idempotency, audit);
    this.change = new UserUpdateService(unitOfWork, users, sessions, lastManager, audit);
    this.deletion = new UserDeleteService(unitOfWork, { users, sessions }, lastManager, tokens, audit);
    this.passwords = new PasswordChangeService(unitOfWork, users, hasher, check, writer);
  }

  /** Opens and migrates the database. */
  static async open(url: string): Promise<People> {
    const database = await openDatabase(url);
    await new Migrator(database).migrate();
    const clock = new StoppedClock();
    return new People(database, clock, await openVault(database, clock));
  }

  /** The same hub in another process, as far as the database allows one. */
  async replica(url: string): Promise<People> {
    if (this.database.dialect === 'sqlite') return new People(this.database, this.clock, this.vault, this);
    const database = await openDatabase(url);
    return new People(database, this.clock, await openVault(database, this.clock));
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  /** A person unless asked for otherwise, with an address of his own. */
  person(given: Partial<CreateUserInput> = {}): Promise<UserEntity> {
    this.made += 1;
    const email = `person${this.made}.${randomBytes(4).toString('hex')}@example.com`;
    const person = {
      kind: 'PERSON',
      name: 'Ada',
      email,
      password: PASSWORD,
      roles: ['MEMBER'],
      enabled: true,
    } as const;
    return this.creation.create(contextOf(null), { ...person, roles: [...person.roles], ...given });
  }

  manager(given: Partial<CreateUserInput> = {}): Promise<UserEntity> {
    return this.person({ roles: ['SYSTEM_MANAGER'], ...given });
  }

  /** The audit trail of one record, oldest first. */
  async trail(subjectId: string | null): Promise<AuditEventEntity[]> {
    const events = await this.database.manager.find(AuditEventEntity, { order: { id: 'ASC' } });
    return events.filter((event) => event.subjectId === subjectId);
  }
}

function openDatabase(url: string): Promise<Database> {
  return Database.open(databaseConfig({ DATABASE_URL: url }));
}

async function openVault(database: Database, clock: Clock): Promise<Vault> {
  const ring = await DataKeyRing.open(new DataKeyRepository(database), new UnitOfWork(database), clock, MASTER_KEYS);
  return new Vault(ring, clock);
}

/** A request of a user, of an actor, or of nobody. */
export function contextOf(who: UserEntity | Actor | null, ip: string | null = '192.0.2.1'): RequestContext {
  return { requestId: 'request', ip, actor: who && 'kind' in who ? actorOf(who) : who };
}
