import { describe, expect, it } from '@jest/globals';
import { askedScopes, narrowedScopes, remainingScopes } from '../../src/issuer/scope-rules.js';

const CLIENT = { scopes: ['hub:read', 'hub:call', 'orders.write'] };

describe('asked scopes', () => {
  it.each([
    ['none', null, ['hub:read', 'hub:call', 'orders.write']],
    ['an empty list, which counts as none', '', ['hub:read', 'hub:call', 'orders.write']],
    ['one', 'hub:call', ['hub:call']],
    ['one twice', 'hub:call hub:call', ['hub:call']],
    ['several', 'orders.write hub:read', ['orders.write', 'hub:read']],
  ])('are, of %s, those of the client', (_case, parameter, scopes) => {
    expect(askedScopes(CLIENT, parameter)).toEqual(scopes);
  });

  it.each([
    ['one that the client has not', 'hub:read hub:manage'],
    ['another case', 'HUB:READ'],
    ['two spaces', 'hub:read  hub:call'],
    ['a space at the end', 'hub:read '],
    ['a quote', 'hub:read"'],
    ['a tab', 'hub:read\thub:call'],
    ['a name of every object', 'constructor'],
  ])('are refused with %s', (_case, parameter) => {
    expect(() => askedScopes(CLIENT, parameter)).toThrow(expect.objectContaining({ code: 'invalid_scope' }));
  });

  it.each([
    ['hub:read hub:manage', CLIENT, 'may not have hub:manage: it may ask for hub:read hub:call orders.write.'],
    ['hub:read', { scopes: [] }, 'may not have hub:read: it has no scopes at all, its System Manager adds them'],
  ])('are refused with words that help: %s', (parameter, client, words) => {
    expect(() => askedScopes(client, parameter)).toThrow(words);
  });

  it('of a refresh are at most those of the refresh token', () => {
    const granted = ['hub:read', 'hub:call'];

    expect(narrowedScopes(granted, null)).toEqual(granted);
    expect(narrowedScopes(granted, 'hub:call')).toEqual(['hub:call']);
    expect(() => narrowedScopes(granted, 'orders.write')).toThrow(expect.objectContaining({ code: 'invalid_scope' }));
  });

  it('of a consent are those that the client may still have, and at least one', () => {
    expect(remainingScopes(CLIENT, ['hub:call', 'hub:manage', 'hub:read'])).toEqual(['hub:call', 'hub:read']);
    expect(remainingScopes(CLIENT, [])).toEqual([]);
    expect(() => remainingScopes(CLIENT, ['hub:manage'])).toThrow(expect.objectContaining({ code: 'invalid_grant' }));
  });
});
