import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { MEGABYTE } from './bad-input.js';
import { expectBadArgument, expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const REDIRECT_URI = 'query ($providerKey: String) { redirectUri(providerKey: $providerKey) }';
const PUBLIC_URL = 'https://hub.example.com:8443';

describe('redirectUri', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start({ env: { PUBLIC_URL } });
    callers = await everyCaller(hub);
  });
  afterAll(() => hub.stop());

  it('is readable before the provider is saved, and the same afterwards', async () => {
    const before = await callers.manager(REDIRECT_URI, { providerKey: 'not-yet' });
    const { id } = await saveProvider(callers.manager, { key: 'not-yet', name: 'Not yet' });
    const after = await callers.manager(
      'query ($id: ID!) { redirectUri(providerKey: "not-yet") provider(id: $id) { redirectUri } }',
      { id },
    );

    expect(before.data).toEqual({ redirectUri: `${PUBLIC_URL}/oauth/callback/not-yet` });
    expect(after.data).toEqual({ ...before.data, provider: before.data });
  });

  it.each([undefined, null])('has one for all providers, without a key (%s)', async (providerKey) => {
    const { data } = await callers.manager(REDIRECT_URI, { providerKey });

    expect(data).toEqual({ redirectUri: `${PUBLIC_URL}/oauth/callback` });
  });

  it.each(['manager', 'auditor', 'member'] as const)('is for the %s', async (caller) => {
    expect((await callers[caller]('{ redirectUri }')).data.redirectUri).toBe(`${PUBLIC_URL}/oauth/callback`);
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'redirectUri' });

  it.each([
    ['empty', ''],
    ['with a slash', 'a/b'],
    ['that climbs', '..'],
    ['with a query', 'a?b'],
    ['in upper case', 'A'],
    ['with a null byte', 'a\0'],
    ['with a lone surrogate', 'a\ud800'],
    ['too long', 'x'.repeat(64)],
    ['of 1 MB', MEGABYTE],
  ])('refuses a key %s', async (_what, providerKey) => {
    expectBadArgument(await callers.manager(REDIRECT_URI, { providerKey }), 'redirectUri', ['providerKey']);
  });

  it('refuses a request for a number', async () => {
    expectBadRequest(await callers.manager(REDIRECT_URI, { providerKey: 5 }), '"$providerKey"');
  });
});
