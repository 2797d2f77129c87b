import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, createApp } from './app.js';
import { handOverPassword } from './cli/hand-over-password.js';
import { type Config, loadConfig } from './config.js';
import { StartupError } from './errors.js';
import { createLog, type Log } from './log.js';

/** So long after SIGTERM new requests are still served, while `/ready` tells load balancers to send no more. */
const DRAIN_MS = 2_000;
/** Requests under way get this long; then the process ends all the same. */
const STOP_LIMIT_MS = 60_000;

// Databases, keys and passwords are for the operator's account alone.
process.umask(0o077);
// Node would print the error with all its properties, which may hold what nobody shall read.
process.on('uncaughtException', end);
try {
  const config = loadConfig(process.env);
  await start(config, createLog(config.logLevel));
} catch (error) {
  end(error);
}

/** Says why on every log level. */
function end(error: unknown): never {
  if (error instanceof StartupError) process.stderr.write(`${error.message}\n`);
  else createLog('fatal').fatal({ err: error }, 'the hub ends: this was not expected');
  process.exit(error instanceof StartupError ? error.exitCode : 1);
}

async function start(config: Config, log: Log): Promise<void> {
  const app = await createApp(config, log);
  stopOnSignal(app, log);
  // Before anything can fail: the password exists nowhere else.
  await introduceFirstManager(app, config, log);
  await listen(app, config);
  log.info({ graphql: `${config.publicUrl}/graphql` }, 'the hub serves');
}

async function listen(app: App, { host, port }: Config): Promise<void> {
  try {
    await app.server.listen({ port, host });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    await app.close();
    const message = `The hub cannot listen on ${host}:${port} (${code}): set PORT and HOST to an address that is free.`;
    // Who has it may be about to stop, as a predecessor: then a restart helps.
    throw new StartupError(message, code === 'EADDRINUSE' ? 75 : 78, { cause: error });
  }
}

async function introduceFirstManager(app: App, config: Config, log: Log): Promise<void> {
  const { created, email, generatedPassword } = app.firstManager;
  if (!created) return;
  log.info({ email }, 'first System Manager made');
  if (!generatedPassword) return;
  const path = await handOverPassword(
    { email, password: generatedPassword, database: config.database },
    process.stdout,
  );
  if (path) log.info({ email, path }, 'the generated password is in this file: log in, change it, delete the file');
}

function stopOnSignal(app: App, log: Log): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals, drainMs: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping: requests under way are finished');
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    app.drain();
    await sleep(drainMs);
    await app.close();
    process.exit(0);
  };
  const failed = (error: unknown): void => {
    log.error({ err: error }, 'the hub did not stop cleanly');
    process.exit(1);
  };
  process.on('SIGTERM', (signal) => void stop(signal, DRAIN_MS).catch(failed));
  process.on('SIGINT', (signal) => void stop(signal, 0).catch(failed));
}
