import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { QueryFailedError } from 'typeorm';
import { createLog, describeError } from '../../src/log.js';
import { Secret } from '../../src/secret.js';

const CANARY = 'canary\'with"quotes`';

function caught(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing went wrong');
}

const everything = (error: unknown) => JSON.stringify(describeError(error));

describe('an error in the log', () => {
  it('has its type, message, code, stack and causes', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED' });
    const error = new Error('outer', { cause });

    expect(describeError(error)).toEqual({
      type: 'Error',
      message: 'outer',
      stack: expect.stringMatching(/^Error: outer\n {4}at .*log\.test\.ts/),
      cause: {
        type: 'TypeError',
        message: 'inner',
        code: 'ECONNREFUSED',
        stack: expect.stringMatching(/^TypeError: inner\n {4}at /),
      },
    });
  });

  it('has none of its other properties', () => {
    const error = Object.assign(new Error('failed'), {
      parameters: [CANARY],
      config: { password: CANARY },
      headers: CANARY,
    });

    expect(everything(error)).not.toContain('canary');
  });

  it.each([
    ['a text', CANARY],
    ['an object', { message: CANARY }],
    ['nothing', undefined],
  ])('that is %s and no error is not told', (_what, thrown) => {
    expect(everything(thrown)).not.toContain('canary');
    expect(describeError(thrown).message).toBe('not an Error');
  });

  it('that is its own cause comes to an end', () => {
    const error = new Error('round');
    error.cause = error;

    expect(everything(error).length).toBeLessThan(20_000);
  });

  it.each([
    ['text', CANARY],
    ['an object', `{"clientSecret": ${CANARY}}`],
    ['half an object', `{"clientSecret": "canary`],
  ])('of JSON.parse does not repeat the %s', (_what, text) => {
    const error = caught(() => JSON.parse(text));

    expect(everything(error)).not.toContain('canary');
    expect(describeError(error)).toMatchObject({ type: 'SyntaxError', message: expect.stringMatching(/^\w/) });
  });

  it('of SQLite says which index refused the row, and no value', () => {
    const database = new BetterSqlite3(':memory:');
    database.exec('CREATE TABLE user (email TEXT CONSTRAINT uq_user_email UNIQUE)');
    const insert = database.prepare('INSERT INTO user VALUES (?)');
    insert.run(CANARY);
    const driver = caught(() => insert.run(CANARY));
    const syntax = caught(() => database.exec(`SELECT ${CANARY}`));
    database.close();

    const error = new QueryFailedError('INSERT INTO user VALUES (?)', [CANARY], driver);
    expect(describeError(error).message).toContain('UNIQUE constraint failed: user.email');
    for (const each of [error, driver, new QueryFailedError('SELECT', [], syntax)]) {
      expect(everything(each)).not.toContain('canary');
    }
  });

  it('of MariaDB says which key, column, table or user it was about, and no value', async () => {
    const uri = process.env['HUB_TEST_MYSQL_URL'];
    if (!uri) return;
    const connection = await createConnection({ uri });
    await connection.query(
      'CREATE TEMPORARY TABLE mysql.t (email varchar(40), n int, CONSTRAINT uq_t_email UNIQUE (email))',
    );
    await connection.query('INSERT INTO mysql.t VALUES (?, 1)', [CANARY]);

    const failing: [string, unknown[], string][] = [
      ['INSERT INTO mysql.t VALUES (?, 1)', [CANARY], "key 'uq_t_email'"],
      ['INSERT INTO mysql.t VALUES (?, 1)', [CANARY.repeat(10)], "column 'email'"],
      ['INSERT INTO mysql.t (n) VALUES (?)', [CANARY], 'column `mysql`.`t`.`n`'],
      [`SELECT ${CANARY}`, [], 'syntax'],
      ['SELECT * FROM mysql.nowhere WHERE a = ?', [CANARY], "Table 'mysql.nowhere'"],
      ['SELECT nothing FROM mysql.t WHERE email = ?', [CANARY], "column 'nothing'"],
    ];
    for (const [sql, parameters, says] of failing) {
      const driver = await connection.query(sql, parameters).then(
        () => new Error('Nothing went wrong'),
        (error: unknown) => error as Error,
      );
      for (const error of [driver, new QueryFailedError(sql, parameters, driver)]) {
        expect(everything(error)).not.toContain('canary');
        expect(describeError(error).message).toContain(says);
      }
    }
    await connection.end();
  });

  it('of a wrong database password names the user and not the password', async () => {
    const uri = process.env['HUB_TEST_MYSQL_URL'];
    if (!uri) return;
    const wrong = new URL(uri);
    wrong.password = 'canary';

    const error = await createConnection({ uri: wrong.href }).catch((each: unknown) => each);

    expect(describeError(error)).toMatchObject({
      code: 'ER_ACCESS_DENIED_ERROR',
      message: expect.stringContaining("user 'hub'@"),
    });
    expect(everything(error)).not.toContain('canary');
  });
});

describe('a log line', () => {
  it.each(['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)(
    'of level %s is JSON and shows no Secret',
    (level) => {
      const lines: string[] = [];
      const log = createLog(
        'trace',
        new Writable({ write: (chunk: Buffer, _encoding, done) => done(void lines.push(chunk.toString())) }),
      );

      log[level](
        {
          password: new Secret(CANARY),
          nested: { key: new Secret(CANARY) },
          err: new Error('x', { cause: new Secret(CANARY) }),
        },
        'said',
      );

      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'said', pid: process.pid, password: '[secret]' });
      expect(lines.join()).not.toContain('canary');
    },
  );

  it('below the level is not written', () => {
    const lines: string[] = [];
    const log = createLog('warn', { write: (line) => lines.push(line) });

    log.info('quiet');
    log.child({ reqId: 'x' }).debug('quiet');
    log.warn('loud');

    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['loud']);
  });
});
