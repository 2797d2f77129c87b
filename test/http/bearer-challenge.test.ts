import { describe, expect, it } from '@jest/globals';
import { RateLimitedError } from '../../src/errors.js';
import { bearerRefusal } from '../../src/http/bearer-challenge.js';

describe('a caller who has failed too often', () => {
  it.each([
    ['2040-01-01T00:01:30.000Z', '90'],
    ['2040-01-01T00:00:00.001Z', '1'],
    ['2040-01-01T00:00:00.000Z', '1'],
  ])('may come again at %s, by the clock that counts: in %s seconds', (retryAt, seconds) => {
    const error = new RateLimitedError('Too often.', new Date(retryAt), new Date('2040-01-01T00:00:00.000Z'));

    const refused = { authorization: undefined, publicUrl: 'https://hub.example.com' };
    const { http } = bearerRefusal(error, refused)?.extensions ?? {};

    expect(http).toEqual({ status: 429, headers: new Map([['retry-after', seconds]]) });
  });
});
