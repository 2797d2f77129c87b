import { HubError, StartupError } from '../errors.js';

/** Runs a command of the operator: what fails is told on standard error, and by the exit code. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof StartupError ? error.exitCode : 1;
    if (!(error instanceof HubError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  }
}
