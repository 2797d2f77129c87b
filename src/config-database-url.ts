import { resolve } from 'node:path';
import { parseHost, parsePort, parsedBy } from './config-values.js';
import type { DatabaseTarget, MysqlTarget, SqliteTarget } from './database/target.js';
import { StartupError } from './errors.js';
import { Secret } from './secret.js';

const MYSQL_DEFAULT_PORT = 3306;
const MAX_DATABASE_NAME_CHARACTERS = 64;
const SQLITE_FORM = 'Write sqlite:./data/hub.sqlite or sqlite:/absolute/path/hub.sqlite.';
const MYSQL_FORM = 'Write mysql://user:password@host:3306/database.';

/**
 * The text of `DATABASE_URL`. The path of a SQLite file is made absolute; user, password and name of a MySQL database
 * are percent-decoded; several hosts, comma separated, are members of one cluster.
 */
export const databaseUrl = parsedBy((text): DatabaseTarget => {
  const [, scheme, rest] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (scheme === 'sqlite') return parseSqlite(rest ?? '');
  if (scheme === 'mysql') return parseMysql(rest ?? '');
  if (scheme === 'mariadb') throw new StartupError('begins with mariadb:. Write mysql:, which serves MariaDB too.');
  throw new StartupError(`is not a supported database. ${SQLITE_FORM} ${MYSQL_FORM}`);
});

function parseSqlite(path: string): SqliteTarget {
  if (path === ':memory:') {
    throw new StartupError(`is a database in memory, which forgets every token when the hub stops. ${SQLITE_FORM}`);
  }
  if (path === '' || path.startsWith('//') || /[?#\0]/.test(path) || /(^|[/\\])\.{0,2}$/.test(path)) {
    throw new StartupError(`does not name a SQLite file: no // after sqlite:, no options, no folder. ${SQLITE_FORM}`);
  }
  return { kind: 'sqlite', path: resolve(path) };
}

function parseMysql(text: string): MysqlTarget {
  const [, credentials, hosts, database] = /^\/\/([^@/?#\s]*)@([^@/?#\s]*)\/([^@/?#\s]*)$/.exec(text) ?? [];
  if (!credentials || !hosts || !database) {
    throw new StartupError(
      `is not a complete MySQL address without options. ${MYSQL_FORM} ` +
        'In user and password write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25.',
    );
  }
  const [user = '', ...password] = credentials.split(':');
  if (user === '') throw new StartupError(`names no user. ${MYSQL_FORM}`);
  return {
    kind: 'mysql',
    hosts: parseHosts(hosts),
    user: decode(user),
    password: password.length > 0 ? new Secret(decode(password.join(':'))) : undefined,
    database: parseDatabaseName(decode(database)),
  };
}

function parseHosts(text: string): MysqlTarget['hosts'] {
  const hosts = text.split(',').map((each) => {
    const [, bracketed, plain, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(each) ?? [];
    if (bracketed === undefined && plain === undefined) {
      throw new StartupError('has a host that cannot be read. Put an IPv6 address in brackets, as in [::1]:3306.');
    }
    try {
      return {
        host: parseHost(bracketed ?? plain ?? ''),
        port: port === undefined ? MYSQL_DEFAULT_PORT : parsePort(port),
      };
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      throw new StartupError(`has a wrong host or port: it ${error.message}`);
    }
  });
  if (new Set(hosts.map(({ host, port }) => `${host.toLowerCase()} ${port}`)).size < hosts.length) {
    throw new StartupError('names a host twice. Name each member of the cluster once.');
  }
  return hosts;
}

function parseDatabaseName(name: string): string {
  if (name.length <= MAX_DATABASE_NAME_CHARACTERS && !/[/\\\0]/.test(name)) return name;
  throw new StartupError(`has a database name with a slash or of over ${MAX_DATABASE_NAME_CHARACTERS} characters.`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StartupError('has a % that begins no percent-encoding. Write each % of user and password as %25.');
  }
}
