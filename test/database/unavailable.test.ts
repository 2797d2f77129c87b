import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { isUnavailable } from '../../src/database/unavailable.js';

const failed = (driverError: object) =>
  new QueryFailedError('UPDATE token', [], Object.assign(new Error('refused'), driverError));

describe('isUnavailable', () => {
  it.each([
    ['is away', { code: 'ECONNREFUSED' }],
    ['is locked for long', { errno: 1205 }],
    ['is read-only by option', { errno: 1290, code: 'ER_OPTION_PREVENTS_STATEMENT' }],
    ['is read-only by mode', { errno: 1836, code: 'ER_READ_ONLY_MODE' }],
    ['opens transactions for reading only', { errno: 1792, code: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION' }],
    ['has a full disk', { errno: 1021 }],
    ['has a full table', { errno: 1114 }],
    ['is a SQLite file on a full disk', { code: 'SQLITE_FULL' }],
    ['is a SQLite file on a broken disk', { code: 'SQLITE_IOERR_WRITE' }],
    ['is a SQLite file that cannot be written', { code: 'SQLITE_READONLY_DBMOVED' }],
  ])('is true of a database that %s', (_name, error) => {
    expect(isUnavailable(failed(error))).toBe(true);
  });

  it.each([
    ['a statement that is wrong', failed({ errno: 1064, code: 'ER_PARSE_ERROR' })],
    ['a row that is there already', failed({ code: 'SQLITE_CONSTRAINT_UNIQUE' })],
    ['a fault of the hub', new TypeError('Not a function')],
    ['nothing', undefined],
  ])('is false of %s', (_name, error) => {
    expect(isUnavailable(error)).toBe(false);
  });
});
