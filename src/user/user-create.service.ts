import type { AuditRecorder } from '../audit/audit.recorder.js';
import { isUniqueViolation } from '../database/dialect.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError, type UserProblem } from '../errors.js';
import type { IdempotencyService } from '../idempotency/idempotency.service.js';
import { newId } from '../ids.js';
import type { RequestContext } from '../request-context.js';
import type { PasswordHasher } from './password-hasher.js';
import { requireGoodPassword } from './password-rules.js';
import { emailColumns, emailTaken, nameColumns, rolesColumn } from './user-columns.js';
import type { UserEntity } from './user.entity.js';
import type { CreateUserInput } from './user.input.js';
import type { UserRepository } from './user.repository.js';

type Draft = Parameters<UserRepository['insert']>[1];

/** Makes people, who log in, and service users, for whom automation acts. */
export class UserCreateService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly idempotency: IdempotencyService,
    private readonly audit: AuditRecorder,
  ) {}

  /** @throws UserError */
  create(ctx: RequestContext, input: CreateUserInput): Promise<UserEntity> {
    return this.idempotency.run(
      ctx,
      { mutation: 'createUser', key: input.idempotencyKey, input },
      {
        execute: async (complete) => {
          const draft = await this.draft(input);
          return this.insert(ctx, draft, (tx) => complete(tx, { userId: draft.id }));
        },
        repeat: ({ userId }) => this.findCreated(userId),
      },
    );
  }

  private async findCreated(id: string | undefined): Promise<UserEntity> {
    const user = id === undefined ? null : await this.users.findById(id);
    if (user) return user;
    throw new UserError({
      code: 'NOT_FOUND',
      field: ['idempotencyKey'],
      message: 'The user that this key made has been deleted since: use a new idempotency key.',
    });
  }

  private async draft(input: CreateUserInput): Promise<Draft> {
    const { name, kind, email, password } = input;
    const problems = problemsOf(input);
    if (problems.length > 0) throw new UserError(problems);
    if (password != null) requireGoodPassword(password, { name, email: email ?? null }, 'password');
    return {
      id: newId('user'),
      ...nameColumns(name),
      ...(email == null ? { email: null, emailKey: null } : emailColumns(email)),
      kind,
      roles: rolesColumn(input.roles),
      passwordHash: password == null ? null : await this.hasher.hash(password),
      enabled: input.enabled,
    };
  }

  private async insert(
    ctx: RequestContext,
    draft: Draft,
    complete: (tx: Transaction) => Promise<void>,
  ): Promise<UserEntity> {
    try {
      return await this.unitOfWork.run(async (tx) => {
        const user = await this.users.insert(tx, draft);
        const { name, email, kind, roles, enabled } = user;
        const detail = { name, email, kind, roles, enabled };
        await this.audit.record(tx, ctx, { action: 'USER_CREATED', subjectId: user.id, detail });
        await complete(tx);
        return user;
      });
    } catch (error) {
      throw isUniqueViolation(error) ? emailTaken(error) : error;
    }
  }
}

function problemsOf({ kind, email, password, roles }: CreateUserInput): UserProblem[] {
  const problems: UserProblem[] = [];
  for (const [field, value] of Object.entries({ email, password })) {
    if (kind === 'PERSON' && value == null) {
      problems.push({ code: 'REQUIRED', field: [field], message: `A person logs in: write the ${field}.` });
    }
    if (kind === 'SERVICE' && value != null) {
      problems.push({
        code: 'INVALID',
        field: [field],
        message: `A service user never logs in: leave the ${field} out.`,
      });
    }
  }
  if (roles.length === 0) problems.push({ code: 'REQUIRED', field: ['roles'], message: 'Give at least one role.' });
  return problems;
}
