import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { SessionTokens } from '../../src/session/session-token.js';
import { StoppedClock } from '../user/people.js';
import { PUBLIC_URL } from './sessions.js';

const CLAIMS = { userId: 'usr_1', sessionId: 'ses_1' };

/** Derived keys as the vault gives them. */
class Keys {
  readonly byId = new Map<string, KeyObject>();
  readonly purposes = new Set<string>();
  current = '';

  constructor() {
    this.rotate();
  }

  rotate(): void {
    this.current = `key${this.byId.size + 1}`;
    this.byId.set(this.current, createSecretKey(randomBytes(32)));
  }

  currentDerivedKey(purpose: string) {
    this.purposes.add(purpose);
    return { id: this.current, key: this.keyOf(this.current) };
  }

  derivedKey(purpose: string, id: string) {
    this.purposes.add(purpose);
    const key = this.byId.get(id);
    return Promise.resolve(key ? { id, key } : undefined);
  }

  keyOf(id: string): KeyObject {
    const key = this.byId.get(id);
    if (!key) throw new Error(`no key ${id}`);
    return key;
  }
}

describe('session tokens', () => {
  let keys: Keys;
  let clock: StoppedClock;
  let tokens: SessionTokens;

  beforeEach(() => {
    keys = new Keys();
    clock = new StoppedClock();
    tokens = new SessionTokens(keys, clock, PUBLIC_URL);
  });

  const payload = (given: object = {}) => {
    const now = Math.floor(clock.nowMs / 1000);
    const { userId: sub, sessionId: sid } = CLAIMS;
    return { iss: `${PUBLIC_URL}/session`, aud: `${PUBLIC_URL}/session`, sub, sid, iat: now, exp: now + 600, ...given };
  };
  const header = (given: object = {}) => ({ alg: 'HS256', typ: 'hub-session+jwt', kid: keys.current, ...given });
  const sign = (claims: object, head: jwt.JwtHeader, key: jwt.Secret = keys.keyOf(keys.current)) =>
    jwt.sign(claims, key, { header: head, algorithm: head.alg as jwt.Algorithm });

  it('say who, which session, for whom and for ten minutes', () => {
    const { accessToken, expiresAt } = tokens.issue(CLAIMS);

    expect(jwt.decode(accessToken, { complete: true })).toMatchObject({ header: header(), payload: payload() });
    expect(expiresAt.getTime()).toBe(Math.floor(clock.nowMs / 1000) * 1000 + 600_000);
    expect([...keys.purposes]).toEqual(['session-jwt']);
  });

  it('are good until they expire, by the clock of the hub', async () => {
    const { accessToken } = tokens.issue(CLAIMS);

    clock.nowMs += 599_000;
    expect(await tokens.verify(accessToken)).toEqual(CLAIMS);
    clock.nowMs += 1_000;
    expect(await tokens.verify(accessToken)).toBeUndefined();
  });

  it('are still good after the key was rotated, and not without their key', async () => {
    const { accessToken } = tokens.issue(CLAIMS);
    const { current } = keys;

    keys.rotate();
    expect(await tokens.verify(accessToken)).toEqual(CLAIMS);
    keys.byId.delete(current);
    expect(await tokens.verify(accessToken)).toBeUndefined();
  });

  it('accepts what the tests below spoil', async () => {
    expect(await tokens.verify(sign(payload(), header()))).toEqual(CLAIMS);
  });

  it.each<{ what: string; claims?: object; head?: object }>([
    { what: 'of another issuer', claims: { iss: PUBLIC_URL } },
    { what: 'for another audience', claims: { aud: `${PUBLIC_URL}/graphql` } },
    { what: 'of another type', head: { typ: 'at+jwt' } },
    { what: 'without a type', head: { typ: undefined } },
    { what: 'with an unknown key', head: { kid: 'key99' } },
    { what: 'without a key id', head: { kid: undefined } },
    { what: 'with another algorithm', head: { alg: 'HS512' } },
    { what: 'without an expiry', claims: { exp: undefined } },
    { what: 'without a session', claims: { sid: undefined } },
    { what: 'with a session that is no text', claims: { sid: { $ne: '' } } },
  ])('refuse one $what', async ({ claims, head }) => {
    const spoilt = JSON.parse(JSON.stringify([payload(claims), header(head)])) as [object, jwt.JwtHeader];

    expect(await tokens.verify(sign(...spoilt))).toBeUndefined();
  });

  it('refuse one that somebody else signed', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

    expect(await tokens.verify(sign(payload(), header(), createSecretKey(randomBytes(32))))).toBeUndefined();
    expect(await tokens.verify(sign(payload(), header({ alg: 'ES256' }), privateKey))).toBeUndefined();
  });

  it('refuse one that is not signed, altered or no token at all', async () => {
    const { accessToken } = tokens.issue(CLAIMS);
    const [head, , signature] = accessToken.split('.');
    const altered = Buffer.from(JSON.stringify(payload({ sub: 'usr_2' }))).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify(header({ alg: 'none' }))).toString('base64url');

    for (const other of [
      `${head}.${altered}.${signature}`,
      `${unsigned}.${altered}.`,
      `${head}.${altered}.`,
      accessToken.slice(0, -2),
      'x.y.z',
      'nonsense',
      '',
    ]) {
      expect(await tokens.verify(other)).toBeUndefined();
    }
  });
});
