import { dirname, join } from 'node:path';
import { type ConfigProblem, type ConfigValues, readVariables } from './config-reader.js';
import { misspeltVariables } from './config-spelling.js';
import type { LogLevel } from './config-values.js';
import { CONFIG_VARIABLES, type ConfigVariable } from './config-variables.js';
import type { DatabaseTarget } from './database/target.js';
import { deepFreeze } from './deep-freeze.js';
import { StartupError } from './errors.js';
import type { Secret } from './secret.js';

/** What the environment says, validated and frozen. Paths are absolute. */
export interface Config {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** An origin, without a slash at the end. */
  readonly publicUrl: string;
  readonly database: DatabaseTarget;
  /** The text for `parseMasterKeys`; either this or `masterKeyFile` is set. */
  readonly masterKeys: Secret | undefined;
  /** The file for `loadOrCreateMasterKeyFile`. */
  readonly masterKeyFile: string | undefined;
  readonly adminEmail: string;
  /** Undefined: to be generated. */
  readonly adminPassword: Secret | undefined;
  readonly allowPrivateNetwork: boolean;
  /** Not yet looked at: it need not exist. */
  readonly spoolDir: string;
  /** As browsers send them in `Origin`. */
  readonly allowedOrigins: readonly string[];
  /** Normalised URLs; each allows itself and what is below its path. */
  readonly returnUrls: readonly string[];
  /** Addresses and ranges of the proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy: false | readonly string[];
  /** ISO 8601. */
  readonly keepRevoked: string;
  readonly logLevel: LogLevel;
}

type Values = ConfigValues<typeof CONFIG_VARIABLES>;

/** @throws StartupError that lists every problem of the environment and repeats no value */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const problems: ConfigProblem[] = [];
  const values = readVariables(env, CONFIG_VARIABLES, problems);
  problems.push(...missingTogether(values));
  problems.push(
    ...misspeltVariables(
      env,
      Object.values(CONFIG_VARIABLES).map(({ name }) => name),
    ),
  );
  refuse(problems);
  return deepFreeze(withDefaults(values as Values));
}

/** `DATABASE_URL` alone, for commands that need nothing but the database. @throws StartupError */
export function databaseConfig(env: NodeJS.ProcessEnv): DatabaseTarget {
  const problems: ConfigProblem[] = [];
  const variables = { database: CONFIG_VARIABLES.database };
  const values = readVariables(env, variables, problems);
  refuse(problems);
  return deepFreeze((values as ConfigValues<typeof variables>).database);
}

/** The table of all variables for the README, in Markdown. */
export function configurationTable(): string {
  const rows = Object.values(CONFIG_VARIABLES).map((variable: ConfigVariable) => {
    const byDefault = variable.fallback === undefined ? variable.unset : `\`${variable.fallback}\``;
    const advice = variable.secret ? ` Secret: prefer \`${variable.name}_FILE\`.` : '';
    return `| \`${variable.name}\` | ${byDefault} | ${variable.description}${advice} |`;
  });
  return ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** What one variable asks of another; a variable that was refused itself asks for nothing. */
function missingTogether(values: Partial<Values>): ConfigProblem[] {
  const unset = (key: keyof Values): boolean => Object.hasOwn(values, key) && values[key] === undefined;
  const withMysql = values.database?.kind === 'mysql';
  return [
    {
      when: withMysql && unset('masterKeys'),
      variable: CONFIG_VARIABLES.masterKeys.name,
      message: 'is required with MySQL. Make a key with: openssl rand -base64 32. Every replica needs the same.',
    },
    {
      when: withMysql && unset('spoolDir'),
      variable: CONFIG_VARIABLES.spoolDir.name,
      message: 'is required with MySQL. Name a persistent folder that this replica alone writes to.',
    },
    {
      when: values.port === 0 && unset('publicUrl'),
      variable: CONFIG_VARIABLES.publicUrl.name,
      message: 'is required with PORT 0, because the port is not known yet. Write it as in http://localhost:4000.',
    },
  ].filter(({ when }) => when);
}

function withDefaults(values: Values): Config {
  const { database, masterKeys, port } = values;
  const beside = (name: string): string => (database.kind === 'sqlite' ? join(dirname(database.path), name) : '');
  return {
    ...values,
    publicUrl: values.publicUrl ?? `http://localhost:${port}`,
    masterKeys,
    masterKeyFile: masterKeys ? undefined : beside('master.key'),
    spoolDir: values.spoolDir ?? beside('spool'),
    allowedOrigins: values.allowedOrigins ?? [],
    returnUrls: values.returnUrls ?? [],
  };
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const lines = problems.map(({ variable, message }) => `  ${variable}: ${message}`);
  throw new StartupError(`The configuration has ${count}; nothing was started.\n${lines.join('\n')}`);
}
