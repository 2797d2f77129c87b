import { expect, it } from '@jest/globals';
import { Checker } from './checker.js';
import { Grant } from './grant.js';

const DEAD = { code: 'REAUTHORIZATION_REQUIRED' };
const DEAD_READ = { value: null, errors: [{ message: 'Dead', extensions: DEAD }] };
const UNREACHABLE = { code: 'PROVIDER_UNREACHABLE' };

/** A hub that answers like that, after its provider has issued a token for each refresh that brings none of these. */
function found(hub: { problem?: object; read?: object; lastError?: object | null; issues?: boolean }) {
  const grant = new Grant('a', 60);
  grant.issue();
  const replica = {
    refresh: async () => {
      if (hub.problem) return { token: null, userErrors: [hub.problem] };
      if (hub.issues !== false) grant.issue();
      return { token: { connectionState: 'CONNECTED' }, userErrors: [] };
    },
    accessToken: async () => ({ value: `access-a-${grant.issued}`, errors: [], ...hub.read }),
    find: async () => ({ lastError: hub.lastError ?? null }),
  };
  return new Checker([replica], async () => undefined, 0).check({ id: 'the-token', grant });
}

it('a token works whose refresh brings what is read next', async () => {
  expect(await found({})).toEqual({ state: 'WORKS' });
});

it('a token needs authorisation when every answer says so', async () => {
  const lastError = { ...DEAD, error: 'result_lost' };

  expect(await found({ problem: DEAD, read: DEAD_READ, lastError })).toEqual({
    state: 'NEEDS_AUTHORIZATION',
    error: 'result_lost',
  });
});

it.each([
  ['reads give an older one', { read: { value: 'access-a-1' } }],
  ['reads give what its provider never issued', { read: { value: 'access-b-2' } }],
  ['a refresh succeeds and nothing is issued', { issues: false }],
  ['a refresh fails again and again', { problem: UNREACHABLE }],
  ['its grant has ended and it is served', { problem: DEAD, lastError: DEAD }],
  ['its grant has ended and reads do not say so', { problem: DEAD, read: { value: null }, lastError: DEAD }],
  ['its grant has ended and the token does not say so', { problem: DEAD, read: DEAD_READ }],
  ['its grant has ended and the token says something else', { problem: DEAD, read: DEAD_READ, lastError: UNREACHABLE }],
])('a token is lost in silence when %s', async (_what, hub) => {
  expect(await found(hub)).toMatchObject({ state: 'SILENT' });
});
