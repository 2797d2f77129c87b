import { describe, expect, it } from '@jest/globals';
import { ForbiddenError, RateLimitedError, UnauthenticatedError } from '../../src/errors.js';
import type { IssuedFacts } from '../../src/issued-value/issued-facts.js';
import { IssuedValueLookup } from '../../src/issued-value/issued-value-lookup.js';
import { newValueText, valueHash } from '../../src/issued-value/value-text.js';
import { BearerAuthenticateService } from '../../src/issuer/bearer-authenticate.service.js';
import { SentValues } from '../../src/issuer/sent-values.js';
import { FailureThrottle } from '../../src/throttle/failure-throttle.js';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const RESOURCE = 'https://hub.example.com/graphql';

/** Facts of a live access token with this text or `jti`. */
function factsOf(text: string, given: { resource?: string[]; runAsId?: string | null } = {}): IssuedFacts {
  return {
    value: { kind: 'ACCESS', hash: valueHash(text), scopes: ['hub:read'], expiresAt: null, endsAt: null },
    family: null,
    token: {
      id: 'tok_1',
      grantType: 'CLIENT_CREDENTIALS',
      scopes: ['hub:read', 'hub:manage'],
      resource: given.resource ?? [],
      enabled: true,
      revokedAt: null,
      expiresAt: null,
    },
    client: {
      id: 'cli_1',
      clientId: 'one',
      name: 'One',
      enabled: true,
      runAsId: given.runAsId === undefined ? 'usr_1' : given.runAsId,
      allowedTokens: ['tok_2'],
      allowedProviders: null,
    },
    isProviderEnabled: true,
    user: { id: 'usr_1', name: 'Somebody', email: null, roles: ['AUDITOR'], enabled: true },
  } as unknown as IssuedFacts;
}

/** With these facts stored, and JWTs that read `jwt..<jti>`. */
function authentication(...stored: IssuedFacts[]) {
  const queries: (readonly string[])[] = [];
  const used: unknown[] = [];
  const clock = { now: () => NOW };
  const values = {
    findFacts: async (hashes: readonly string[]) => {
      queries.push(hashes);
      return stored.filter(({ value }) => hashes.includes(value.hash));
    },
  };
  const issued = new IssuedValueLookup(values as never, clock);
  const jwts = { verify: async (text: string) => (text.startsWith('jwt..') ? { jti: text.slice(5) } : null) };
  const sessions = { authenticate: async () => null };
  const service = new BearerAuthenticateService(
    { sessions: sessions as never, issued: new SentValues(issued, jwts) },
    new FailureThrottle('Wrong access tokens'),
    { used: (...use) => used.push(use) },
    clock,
    RESOURCE,
  );
  return { queries, used, authenticate: (header?: string) => service.authenticate(header, '192.0.2.1') };
}

describe('recognising who calls the API', () => {
  it('takes no header for nobody', async () => {
    expect(await authentication().authenticate()).toBeNull();
  });

  it.each([
    ['an opaque token', newValueText('accessToken'), (text: string) => text],
    ['a JWT, by its jti', 'one-jti', (text: string) => `jwt..${text}`],
  ])('takes %s for its user, with the scopes of the value and the limits of the client', async (_what, text, sent) => {
    const { authenticate, queries, used } = authentication(factsOf(text));

    expect(await authenticate(`Bearer ${sent(text)}`)).toEqual({
      id: 'usr_1',
      name: 'Somebody',
      roles: ['AUDITOR'],
      scopes: ['hub:read'],
      client: { id: 'cli_1', clientId: 'one', name: 'One' },
      reach: { tokenIds: ['tok_2'], providerIds: null },
    });
    expect(queries).toEqual([[valueHash(text)]]);
    expect(used).toEqual([['tok_1', NOW]]);
  });

  it('asks once for those that come at the same moment, and again for each that comes later', async () => {
    const [first, second] = [newValueText('accessToken'), newValueText('accessToken')];
    const { authenticate, queries } = authentication(factsOf(first), factsOf(second));

    await Promise.all([first, second, first].map((text) => authenticate(`Bearer ${text}`)));
    await authenticate(`Bearer ${first}`);

    expect(queries).toEqual([[valueHash(first), valueHash(second)], [valueHash(first)]]);
  });

  it.each([
    ['', 0],
    ['Bearer', 0],
    ['Bearer ', 0],
    ['Basic dXNlcjpwYXNzd29yZA==', 0],
    ['Bearer a b', 0],
    ['Bearer a,b', 0],
    ['bearer\u0000x', 0],
    ['Bearer x.y.z', 0],
    [`Bearer ${newValueText('refreshToken')}`, 0],
    [`Bearer ${newValueText('accessToken').slice(0, -1)}`, 0],
    [`Bearer ${newValueText('accessToken')}`, 1],
    ['Bearer jwt..of-another-time', 1],
  ])('refuses the header "%s" with %d queries', async (header, count) => {
    const { authenticate, queries, used } = authentication();

    await expect(authenticate(header)).rejects.toThrow(UnauthenticatedError);
    expect([queries.length, used]).toEqual([count, []]);
  });

  it.each([
    [[], true],
    [[RESOURCE], true],
    [['https://files.example.com/', RESOURCE], true],
    [['https://files.example.com/'], false],
    [[`${RESOURCE}/`], false],
    // The hub as a whole: what its resource metadata at the root names.
    [['https://hub.example.com'], true],
    [['https://hub.example.com/'], true],
    [['https://hub.example.com/other'], false],
    [['https://hub.example.com.evil.example/'], false],
  ])('of a token for %j says %p', async (resource, isFor) => {
    const text = newValueText('accessToken');
    const asked = authentication(factsOf(text, { resource })).authenticate(`Bearer ${text}`);

    await (isFor ? expect(asked).resolves.toBeDefined() : expect(asked).rejects.toThrow(UnauthenticatedError));
  });

  it.each([null, 'usr_2'])('refuses a token whose client runs as %s by now', async (runAsId) => {
    const text = newValueText('accessToken');
    const { authenticate, used } = authentication(factsOf(text, { runAsId }));

    await expect(authenticate(`Bearer ${text}`)).rejects.toThrow(UnauthenticatedError);
    expect(used).toEqual([]);
  });

  it('forbids a token of nobody', async () => {
    const text = newValueText('accessToken');
    const { authenticate, used } = authentication({ ...factsOf(text, { runAsId: null }), user: null });

    await expect(authenticate(`Bearer ${text}`)).rejects.toThrow(ForbiddenError);
    expect(used).toEqual([]);
  });

  it('holds up failures alone', async () => {
    const text = newValueText('accessToken');
    const { authenticate } = authentication(factsOf(text));
    for (let failures = 0; failures < 100; failures += 1)
      await expect(authenticate('Bearer x')).rejects.toThrow(UnauthenticatedError);

    await expect(authenticate('Bearer x')).rejects.toThrow(RateLimitedError);
    expect(await authenticate(`Bearer ${text}`)).not.toBeNull();
  });

  it.each([
    ['has ended', newValueText('accessToken'), { endsAt: new Date(NOW.getTime() - 1) }],
    ['was purged', newValueText('accessToken'), null],
    ['is a JWT that the hub does not take any more', 'header.claims.signature', null],
  ])('tells what %s that it has, whatever others send from there', async (_what, text, ended) => {
    const facts = factsOf(text);
    const { authenticate } = authentication(...(ended ? [{ ...facts, value: { ...facts.value, ...ended } }] : []));
    for (let failures = 0; failures < 101; failures += 1) await authenticate('Bearer x').catch(() => undefined);

    for (let times = 0; times < 101; times += 1)
      await expect(authenticate(`Bearer ${text}`)).rejects.toThrow(UnauthenticatedError);
    await expect(authenticate('Bearer x')).rejects.toThrow(RateLimitedError);
  });
});
