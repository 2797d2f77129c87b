import 'reflect-metadata';
import { type App, createApp } from './app.js';
import { handOverPassword } from './cli/hand-over-password.js';
import { type Config, loadConfig } from './config.js';
import { StartupError } from './errors.js';
import { createLog, type Log } from './log.js';

/** Requests under way get this long after SIGTERM; then the process ends all the same. */
const STOP_LIMIT_MS = 30_000;

try {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel);
  const app = await createApp(config, log);
  await app.server.listen({ port: config.port, host: config.host });
  log.info({ graphql: `${config.publicUrl}/graphql` }, 'the hub serves');
  await introduceFirstManager(app, config, log);
  stopOnSignal(app, log);
} catch (error) {
  if (!(error instanceof StartupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
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
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping: no new work, requests under way are finished');
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the hub did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
