import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { type IdTokenFor, IdTokens } from '../../src/issuer/id-tokens.js';
import { readIdToken } from '../../src/oauth/id-token.js';
import { type SigningReplica, SigningReplicas } from '../signing-key/signing-key-replicas.js';

const PUBLIC_URL = 'https://hub.example.com';

let folder: string;
let replicas: SigningReplicas;
let hub: SigningReplica;
let idTokens: IdTokens;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-id-token-'));
  replicas = new SigningReplicas(`sqlite:${join(folder, 'hub.sqlite')}`);
  hub = await replicas.start();
  await hub.keys.published();
  idTokens = new IdTokens(hub.keys, replicas.clock, PUBLIC_URL);
});
afterAll(async () => {
  await replicas.stop();
  await rm(folder, { recursive: true });
});

const issue = (given: Partial<IdTokenFor> = {}) =>
  idTokens.issue({
    clientId: 'caselle',
    user: { id: 'usr_ada', name: 'Ada', email: 'ada@example.com' },
    scopes: ['openid', 'profile', 'email'],
    nonce: 'n-0S6_WzA2Mj',
    authenticatedAt: new Date(replicas.clock.nowMs - 60_500),
    accessToken: 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y',
    ...given,
  });

describe('an ID token', () => {
  it('says who has logged in, when, and for whom', async () => {
    const { payload, protectedHeader } = await jwtVerify(
      await issue(),
      createLocalJWKSet({ keys: await hub.keys.published() }),
      { currentDate: replicas.clock.now() },
    );

    const iat = replicas.clock.nowMs / 1000;
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(payload).toEqual({
      ...{ iss: PUBLIC_URL, sub: 'usr_ada', aud: 'caselle', iat, exp: iat + 600 },
      ...{ auth_time: iat - 61, nonce: 'n-0S6_WzA2Mj', name: 'Ada', email: 'ada@example.com' },
      // OpenID Connect Core, appendix A.4.
      at_hash: '77QmUPtjPfzWtF2AnpK9RQ',
    });
  });

  it.each([
    ['no nonce', { nonce: null }, 'nonce'],
    ['no scope profile', { scopes: ['openid', 'email'] }, 'name'],
    ['no scope email', { scopes: ['openid', 'profile'] }, 'email'],
    ['no address', { user: { id: 'usr_bot', name: 'Bot', email: null } }, 'email'],
  ])('has nothing of it where there is %s', async (_what, given, claim) => {
    expect(decodeJwt(await issue(given))).not.toHaveProperty(claim);
  });

  it('is one that the hub would take from another provider', async () => {
    const expected = { issuer: PUBLIC_URL, clientId: 'caselle', nonce: 'n-0S6_WzA2Mj', now: replicas.clock.now() };

    expect(readIdToken(await issue(), expected)).toMatchObject({ subject: 'usr_ada', issuer: PUBLIC_URL });
  });

  it('tells whom it is about after its end, of this client, and no other kind of JWT does', async () => {
    const token = await issue();
    const at = await hub.keys.sign({ iss: PUBLIC_URL, aud: 'caselle', sub: 'usr_ada' }, 'at+jwt', replicas.clock.now());
    const foreign = await new IdTokens(hub.keys, replicas.clock, 'https://other.example').subjectOf(token, 'caselle');
    replicas.clock.nowMs += 24 * 60 * 60_000;

    expect(await idTokens.subjectOf(token, 'caselle')).toBe('usr_ada');
    expect([foreign, await idTokens.subjectOf(token, 'another'), await idTokens.subjectOf(at, 'caselle')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
