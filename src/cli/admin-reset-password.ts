import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { AuditRecorder } from '../audit/audit.recorder.js';
import { type ConfigProblem, readVariables } from '../config-reader.js';
import { CONFIG_VARIABLES } from '../config-variables.js';
import { databaseConfig } from '../config.js';
import { DatabaseClock } from '../database/clock.js';
import { Database } from '../database/database.js';
import { Migrator } from '../database/migrator.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { StartupError } from '../errors.js';
import type { Secret } from '../secret.js';
import { SessionRepository } from '../session/session.repository.js';
import { Throttle } from '../throttle/throttle.js';
import { PasswordHasher } from '../user/password-hasher.js';
import { PasswordWriter } from '../user/password-writer.js';
import { UserRepository } from '../user/user.repository.js';
import { handOverPassword } from './hand-over-password.js';
import { ManagerReset } from './manager-reset.js';
import { runCommand } from './run-command.js';

const EXIT_USAGE = 64;

await runCommand(main);

async function main(): Promise<void> {
  const email = emailArgument() ?? adminEmail();
  const target = databaseConfig(process.env);
  const database = await Database.open(target);
  try {
    await new Migrator(database).migrate();
    const password = await resetPassword(database, email);
    const path = await handOverPassword({ email, password, database: target }, process.stdout);
    if (path) process.stdout.write(`The new password of ${email} is in ${path}. Log in, change it, delete the file.\n`);
  } finally {
    await database.close();
  }
}

async function resetPassword(database: Database, email: string): Promise<Secret> {
  const clock = await DatabaseClock.start(database);
  const unitOfWork = new UnitOfWork(database);
  const users = new UserRepository(database, clock);
  const writer = new PasswordWriter(users, new SessionRepository(database), new AuditRecorder(unitOfWork, clock));
  const throttle = new Throttle(unitOfWork, database.dialect);
  try {
    return await new ManagerReset(unitOfWork, users, new PasswordHasher(), writer, throttle).reset(email);
  } finally {
    clock.stop();
  }
}

function emailArgument(): string | undefined {
  try {
    return parseArgs({ options: { email: { type: 'string' } } }).values.email;
  } catch (error) {
    const usage =
      'Write: npm run admin:reset-password -- --email <address>, or leave the address out for HUB_ADMIN_EMAIL.';
    throw new StartupError(usage, EXIT_USAGE, { cause: error });
  }
}

function adminEmail(): string {
  const problems: ConfigProblem[] = [];
  const { adminEmail } = readVariables(process.env, { adminEmail: CONFIG_VARIABLES.adminEmail }, problems);
  if (adminEmail !== undefined) return adminEmail;
  throw new StartupError(problems.map(({ variable, message }) => `${variable}: ${message}`).join('\n'));
}
