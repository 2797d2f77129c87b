import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { configurationTable, databaseConfig, loadConfig } from '../src/config.js';
import { StartupError } from '../src/errors.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const PASSWORD = 'canary of the password';
const MYSQL = {
  DATABASE_URL: 'mysql://hub:canary-db@db:3307/hub',
  HUB_MASTER_KEY: KEY,
  HUB_SPOOL_DIR: '/var/spool/hub',
};

function refusal(env: NodeJS.ProcessEnv, load: (env: NodeJS.ProcessEnv) => unknown = loadConfig): StartupError {
  try {
    load(env);
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('loadConfig', () => {
  it('gives the documented defaults for an empty environment', () => {
    expect(loadConfig({})).toEqual({
      port: 4000,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:4000',
      database: { kind: 'sqlite', path: resolve('data/hub.sqlite') },
      masterKeys: undefined,
      masterKeyFile: resolve('data/master.key'),
      adminEmail: 'admin@hub.local',
      adminPassword: undefined,
      allowPrivateNetwork: false,
      spoolDir: resolve('data/spool'),
      allowedOrigins: [],
      returnUrls: [],
      trustProxy: false,
      keepRevoked: 'P30D',
      logLevel: 'info',
    });
  });

  it('reads every variable', () => {
    const config = loadConfig({
      ...MYSQL,
      PORT: '8080',
      HOST: '::',
      PUBLIC_URL: 'https://Hub.Example.com:443/',
      HUB_MASTER_KEY: `${KEY}, ${OTHER_KEY}`,
      HUB_ADMIN_EMAIL: 'ada@example.com',
      HUB_ADMIN_PASSWORD: PASSWORD,
      HUB_ALLOW_PRIVATE_NETWORK: 'true',
      HUB_ALLOWED_ORIGINS: 'https://app.example.com, http://localhost:5173,https://APP.example.com',
      HUB_RETURN_URLS: 'https://app.example.com,https://app.example.com/done',
      HUB_TRUST_PROXY: '10.0.0.5, 10.1.0.0/16, ::1, fd00::/8',
      HUB_KEEP_REVOKED: 'P1Y',
      HUB_LOG_LEVEL: 'debug',
      PATH: '/usr/bin',
    });
    expect(config).toMatchObject({
      port: 8080,
      host: '::',
      publicUrl: 'https://hub.example.com',
      database: { kind: 'mysql', hosts: [{ host: 'db', port: 3307 }], user: 'hub', database: 'hub' },
      masterKeyFile: undefined,
      adminEmail: 'ada@example.com',
      allowPrivateNetwork: true,
      spoolDir: '/var/spool/hub',
      allowedOrigins: ['https://app.example.com', 'http://localhost:5173'],
      returnUrls: ['https://app.example.com/', 'https://app.example.com/done'],
      trustProxy: ['10.0.0.5', '10.1.0.0/16', '::1', 'fd00::/8'],
      keepRevoked: 'P1Y',
      logLevel: 'debug',
    });
    expect(config.masterKeys?.reveal()).toBe(`${KEY}, ${OTHER_KEY}`);
    expect(config.adminPassword?.reveal()).toBe(PASSWORD);
  });

  it('puts key file and spool beside the SQLite file, wherever that is', () => {
    const config = loadConfig({ DATABASE_URL: 'sqlite:/srv/hub/db.sqlite' });
    expect(config).toMatchObject({ masterKeyFile: '/srv/hub/master.key', spoolDir: '/srv/hub/spool' });
  });

  it('follows PORT in the default of PUBLIC_URL', () => {
    expect(loadConfig({ PORT: '4100' }).publicUrl).toBe('http://localhost:4100');
  });

  it('is frozen in depth', () => {
    const config = loadConfig({ ...MYSQL, HUB_TRUST_PROXY: '10.0.0.5' });
    const { database, trustProxy } = config;
    const parts = [config, database, database.kind === 'mysql' && database.hosts[0], trustProxy];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true]);
  });

  it('shows no secret when it is logged', () => {
    const config = loadConfig({ ...MYSQL, HUB_ADMIN_PASSWORD: PASSWORD });
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true })]) {
      expect(shown).not.toContain(PASSWORD);
      expect(shown).not.toContain(KEY);
      expect(shown).not.toContain('canary-db');
    }
  });

  it('lists all problems in one error with exit code 78', () => {
    const error = refusal({
      PORT: 'http',
      HOST: 'a b',
      DATABASE_URL: 'postgres://x',
      HUB_LOG_LEVEL: 'loud',
      HUB_X: '',
    });
    expect(error.exitCode).toBe(78);
    expect(error.message.split('\n').map((each) => each.trim().split(':')[0])).toEqual([
      'The configuration has 5 problems; nothing was started.',
      'PORT',
      'HOST',
      'DATABASE_URL',
      'HUB_LOG_LEVEL',
      'HUB_X',
    ]);
  });

  it('repeats no value that it refuses', () => {
    const canary = 'canary"\\%zz';
    const names = [...configurationTable().matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
    expect(names).toHaveLength(14);
    for (const name of names) {
      for (const value of [canary, `mysql://u:${canary}@h:x/d`, `https://u:${canary}@h/`, `${canary}\n`.repeat(99)]) {
        for (const set of [{ [name]: value }, { [`${name}_FILE`]: value }]) {
          const message = (() => {
            try {
              loadConfig(set);
              return '';
            } catch (error) {
              return inspect(error, { depth: 9 });
            }
          })();
          expect(message).not.toContain('canary');
        }
      }
    }
  });

  it.each([
    ['neither key nor spool', {}, ['HUB_MASTER_KEY', 'HUB_SPOOL_DIR']],
    ['no key', { HUB_SPOOL_DIR: '/spool' }, ['HUB_MASTER_KEY']],
    ['a wrong key, reported once', { HUB_SPOOL_DIR: '/spool', HUB_MASTER_KEY: 'short' }, ['HUB_MASTER_KEY']],
  ])('with MySQL refuses %s', (_, env, names) => {
    const { message } = refusal({ DATABASE_URL: MYSQL.DATABASE_URL, ...env });
    expect([...message.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)).toEqual(names);
  });

  it('needs PUBLIC_URL when the port is not known yet', () => {
    expect(refusal({ PORT: '0' }).message).toContain('PUBLIC_URL: is required with PORT 0');
    expect(loadConfig({ PORT: '0', PUBLIC_URL: 'http://localhost:4000' }).port).toBe(0);
  });
});

describe('databaseConfig', () => {
  it('reads DATABASE_URL and nothing else', () => {
    expect(databaseConfig({ PORT: 'wrong', HUB_TYPO: 'x' })).toEqual({
      kind: 'sqlite',
      path: resolve('data/hub.sqlite'),
    });
  });

  it('refuses a wrong DATABASE_URL', () => {
    expect(refusal({ DATABASE_URL: 'sqlite:' }, databaseConfig).message).toMatch(/one problem.*\n {2}DATABASE_URL: /);
  });
});

describe('configurationTable', () => {
  it('has one row of three cells for each variable', () => {
    const [head, rule, ...rows] = configurationTable().trimEnd().split('\n');
    expect(head).toBe('| Variable | Default | Meaning |');
    expect(rule).toBe('| --- | --- | --- |');
    for (const row of rows) expect(row).toMatch(/^\| `[A-Z_]+` \| [^|]+ \| [^|]+\. \|$/);
    expect(rows.join()).not.toContain('undefined');
    expect(rows.filter((row) => row.includes('prefer `'))).toHaveLength(3);
  });
});
