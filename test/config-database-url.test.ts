import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { databaseConfig } from '../src/config.js';
import type { DatabaseTarget } from '../src/database/target.js';

function read(url: string): DatabaseTarget {
  return databaseConfig({ DATABASE_URL: url });
}

describe('DATABASE_URL with SQLite', () => {
  it.each([
    ['sqlite:./data/hub.sqlite', resolve('data/hub.sqlite')],
    ['sqlite:hub.sqlite', resolve('hub.sqlite')],
    ['sqlite:../hub', resolve('../hub')],
    ['sqlite:/var/lib/hub/hub.sqlite', '/var/lib/hub/hub.sqlite'],
    ['sqlite:/srv/a folder/100%.sqlite', '/srv/a folder/100%.sqlite'],
  ])('%s is the file %s', (url, path) => {
    expect(read(url)).toEqual({ kind: 'sqlite', path });
  });

  it.each([
    ['sqlite::memory:', /in memory, which forgets every token/],
    ['sqlite:', /does not name a SQLite file/],
    ['sqlite://data/hub.sqlite', /no \/\/ after sqlite:/],
    ['sqlite:///data/hub.sqlite', /no \/\/ after sqlite:/],
    ['sqlite:./hub.sqlite?mode=ro', /no options/],
    ['sqlite:./data/', /no folder/],
    ['sqlite:.', /no folder/],
    ['sqlite:./data/..', /no folder/],
  ])('%s is refused', (url, message) => {
    expect(() => read(url)).toThrow(message);
  });
});

describe('DATABASE_URL with MySQL', () => {
  it.each([
    ['mysql://u:p@h/d', [{ host: 'h', port: 3306 }]],
    ['mysql://u:p@10.0.0.7:3307/d', [{ host: '10.0.0.7', port: 3307 }]],
    ['mysql://u:p@[::1]:3307/d', [{ host: '::1', port: 3307 }]],
    ['mysql://u:p@[fd00::5]/d', [{ host: 'fd00::5', port: 3306 }]],
    [
      'mysql://u:p@a,b:3307,[::1]/d',
      [
        { host: 'a', port: 3306 },
        { host: 'b', port: 3307 },
        { host: '::1', port: 3306 },
      ],
    ],
  ])('%s has the hosts %j', (url, hosts) => {
    expect(read(url)).toMatchObject({ kind: 'mysql', hosts, user: 'u', database: 'd' });
  });

  it('percent-decodes user, password and database', () => {
    const target = read('mysql://hub%40app:p%40s%2Fs%3Aw%25%C3%A9:%2C@db/hub%20db');
    expect(target).toMatchObject({ user: 'hub@app', database: 'hub db' });
    expect(target.kind === 'mysql' && target.password?.reveal()).toBe('p@s/s:w%é:,');
  });

  it.each([
    ['mysql://root@db/hub', undefined],
    ['mysql://root:@db/hub', ''],
  ])('%s has the password %j', (url, password) => {
    const target = read(url);
    expect(target.kind === 'mysql' && target.password?.reveal()).toBe(password);
  });

  it.each([
    ['mysql://db/hub', /is not a complete MySQL address/],
    ['mysql://u:p@db', /is not a complete MySQL address/],
    ['mysql://u:p@db/', /is not a complete MySQL address/],
    ['mysql:u:p@db/hub', /is not a complete MySQL address/],
    ['mysql://u:p@db/hub?ssl=true', /without options/],
    ['mysql://u:p@ss@db/hub', /write @ as %40/],
    ['mysql://u:p/w@db/hub', /\/ as %2F/],
    ['mysql://:p@db/hub', /names no user/],
    ['mysql://u:100%@db/hub', /Write each % of user and password as %25/],
    ['mysql://u:p@db:0/hub', /wrong host or port: it is not a port/],
    ['mysql://u:p@db:port/hub', /wrong host or port: it is not a port/],
    ['mysql://u:p@db:/hub', /wrong host or port: it is not a port/],
    ['mysql://u:p@a,,b/hub', /wrong host or port: it is not a host/],
    ['mysql://u:p@::1/hub', /IPv6 address in brackets/],
    ['mysql://u:p@a,A:3306/hub', /names a host twice/],
    ['mysql://u:p@db/a%2Fb', /database name with a slash/],
    [`mysql://u:p@db/${'x'.repeat(65)}`, /over 64 characters/],
    ['mariadb://u:p@db/hub', /Write mysql:/],
    ['postgres://u:p@db/hub', /is not a supported database/],
    ['MYSQL://u:p@db/hub', /is not a supported database/],
    ['./data/hub.sqlite', /is not a supported database/],
  ])('%s is refused', (url, message) => {
    expect(() => read(url)).toThrow(message);
  });
});
