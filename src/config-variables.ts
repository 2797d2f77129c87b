import { resolve } from 'node:path';
import type { z } from 'zod';
import { databaseUrl } from './config-database-url.js';
import {
  LOG_LEVELS,
  email,
  duration,
  flag,
  listOf,
  logLevel,
  masterKeys,
  newPassword,
  parseHost,
  parseOrigin,
  parsePort,
  parseReturnUrl,
  parsedBy,
  trustProxy,
} from './config-values.js';

/** One environment variable: what it is read by, and what the README and the messages say of it. */
export interface ConfigVariable {
  readonly name: string;
  /** Markdown, for the README. */
  readonly description: string;
  /** What is read when the variable is unset. */
  readonly fallback?: string;
  /** Markdown: what holds when the variable is unset and there is no `fallback`. */
  readonly unset?: string;
  /** The README recommends the `_FILE` form. */
  readonly secret?: true;
  readonly schema: z.ZodType;
}

/** Every variable the hub knows, by the name of its value. Each has a `_FILE` form: the path of a file that holds it. */
export const CONFIG_VARIABLES = {
  port: {
    name: 'PORT',
    description: 'Port to listen on. `0` takes a free one; then `PUBLIC_URL` must be set.',
    fallback: '4000',
    schema: parsedBy((text) => parsePort(text, 0)),
  },
  host: {
    name: 'HOST',
    description: 'Address or name to listen on. `0.0.0.0` or `::` listens on every interface.',
    fallback: '127.0.0.1',
    schema: parsedBy(parseHost),
  },
  publicUrl: {
    name: 'PUBLIC_URL',
    description:
      'Origin under which browsers and providers reach the hub; every link and redirect URI begins with it. ' +
      'Scheme, host and port only: a path is not supported.',
    unset: '`http://localhost:` and the port',
    schema: parsedBy(parseOrigin),
  },
  database: {
    name: 'DATABASE_URL',
    description:
      '`sqlite:` and the path of a file, or `mysql://user:password@host:3306/database` (MariaDB 10.6 or newer). ' +
      'Several hosts, comma separated, are members of one Galera cluster, the preferred one first.',
    fallback: 'sqlite:./data/hub.sqlite',
    secret: true,
    schema: databaseUrl,
  },
  masterKeys: {
    name: 'HUB_MASTER_KEY',
    description:
      'Master keys of the vault: 32 bytes each, in base64 (`openssl rand -base64 32`), comma separated. ' +
      'The first encrypts, all decrypt. Required with MySQL.',
    unset: 'with SQLite: the file `master.key` beside the database, made at the first start',
    secret: true,
    schema: masterKeys,
  },
  adminEmail: {
    name: 'HUB_ADMIN_EMAIL',
    description: 'E-mail address of the first System Manager. Read at the first start only.',
    fallback: 'admin@hub.local',
    schema: email,
  },
  adminPassword: {
    name: 'HUB_ADMIN_PASSWORD',
    description: 'Password of the first System Manager, 12 characters or more. Read at the first start only.',
    unset: 'generated and shown once',
    secret: true,
    schema: newPassword,
  },
  allowPrivateNetwork: {
    name: 'HUB_ALLOW_PRIVATE_NETWORK',
    description:
      '`true` lets the hub call private and loopback addresses, over plain http and on any port. ' +
      'For demonstrations and tests.',
    fallback: 'false',
    schema: flag,
  },
  spoolDir: {
    name: 'HUB_SPOOL_DIR',
    description:
      'Persistent, writable folder of this replica, for answers that the database could not take. Required with MySQL.',
    unset: 'with SQLite: the folder `spool` beside the database',
    schema: parsedBy((text) => resolve(text)),
  },
  allowedOrigins: {
    name: 'HUB_ALLOWED_ORIGINS',
    description: 'Origins of other web applications that may call the API from a browser, comma separated.',
    unset: 'none',
    schema: listOf(parsedBy(parseOrigin)),
  },
  returnUrls: {
    name: 'HUB_RETURN_URLS',
    description:
      'Where the hub may send a browser after an authorization, comma separated. ' +
      'Each entry allows its own address and those below its path.',
    unset: 'none',
    schema: listOf(parsedBy(parseReturnUrl)),
  },
  trustProxy: {
    name: 'HUB_TRUST_PROXY',
    description: 'Addresses or ranges of the proxies whose `X-Forwarded-For` counts, comma separated, or `false`.',
    fallback: 'false',
    schema: trustProxy,
  },
  keepRevoked: {
    name: 'HUB_KEEP_REVOKED',
    description:
      'How long a token is kept that was revoked, or issued by the hub and has expired, ISO 8601. Its audit trail stays.',
    fallback: 'P30D',
    schema: duration,
  },
  logLevel: {
    name: 'HUB_LOG_LEVEL',
    description: `Least level that is logged: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    fallback: 'info',
    schema: logLevel,
  },
} as const satisfies Record<string, ConfigVariable>;
