import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import type { AskedAuthorization } from '../../src/issuer/authorization-endpoint-request.js';
import { type AuthorizationRequest, Consents, type Standing } from '../../src/issuer/consents.js';
import { IssuedGrantRepository } from '../../src/issuer/issued-grant.repository.js';
import { IssuedGrants } from '../../src/issuer/issued-grants.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { Codes } from '../authorization-code/codes.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf } from '../user/people.js';

const SCOPES = ['openid', 'hub:read'];
const RESOURCE = ['https://api.example.com/'];

describeEachDatabase('consent', (testDatabase) => {
  let codes: Codes;
  let grants: IssuedGrants;
  let consents: Consents;
  let tokenId: string;
  beforeAll(async () => {
    codes = await Codes.open(await testDatabase.freshUrl());
    const { audit, clock, database, unitOfWork } = codes.people;
    grants = new IssuedGrants(new IssuedGrantRepository(database), unitOfWork, audit, clock);
    consents = new Consents(codes.service, grants, audit);
    ({ id: tokenId } = await grants.findOrCreate(contextOf(null), {
      client: codes.client,
      userId: codes.user.id,
      grantType: 'AUTHORIZATION_CODE',
      scopes: SCOPES,
      resource: RESOURCE,
    }));
  });
  afterAll(() => codes.people.close());

  function standing(
    given: Partial<AskedAuthorization> = {},
    client: Partial<ClientEntity> = {},
    request: Partial<AuthorizationRequest> = {},
  ): Promise<Standing | null> {
    const asked = { scopes: SCOPES, resource: RESOURCE, prompts: [], ...given } as unknown as AskedAuthorization;
    const session = { id: 'session', user: codes.user, authenticatedAt: new Date() };
    const redirectUri = 'https://app.example.com/callback';
    const all = { client: { ...codes.client, ...client }, redirectUri, sentRedirectUri: null, asked, ...request };
    return consents.standing(all, session);
  }
  const isNeeded = async (...given: Parameters<typeof standing>) => (await standing(...given)) === null;
  const change = (columns: Partial<TokenEntity>) =>
    codes.people.unitOfWork.run((tx) => tx.manager.update(TokenEntity, { id: tokenId }, columns));

  it('is not needed again while its token lives, in whatever order scopes stand', async () => {
    expect(await standing()).toEqual({ tokenId });
    expect(await standing({ scopes: [...SCOPES].reverse() })).toEqual({ tokenId });
  });

  it.each([
    ['other scopes', { scopes: ['openid'] }],
    ['more scopes', { scopes: [...SCOPES, 'email'] }],
    ['another resource', { resource: ['https://other.example.com/'] }],
    ['every resource', { resource: [] }],
    ['the wish of the client', { prompts: ['consent'] as const }],
  ])('is needed for %s', async (_what, given) => {
    expect(await isNeeded(given)).toBe(true);
  });

  it('is needed of another client and another person', async () => {
    const other = { ...codes.user, id: 'usr_other' };
    const asked = { scopes: SCOPES, resource: RESOURCE, prompts: [] } as unknown as AskedAuthorization;
    const request = { client: codes.client, redirectUri: 'https://a.example/', sentRedirectUri: null, asked };

    expect(await isNeeded({}, { id: codes.otherClient.id })).toBe(true);
    expect(await consents.standing(request, { id: 's', user: other, authenticatedAt: new Date() })).toBeNull();
  });

  it('is not needed of a trusted client, unless it asks', async () => {
    const trusted = { id: codes.otherClient.id, trusted: true };

    expect(await standing({}, trusted)).toEqual({ tokenId: null });
    expect(await isNeeded({ prompts: ['consent'] }, trusted)).toBe(true);
  });

  it.each([
    ['http://127.0.0.1:1234/cb', true],
    ['com.example.app:/cb', true],
    ['https://app.example.com/callback', false],
  ])('is needed each time of an app that anybody can pretend to be: at %s %s', async (redirectUri, isAsked) => {
    const app = { tokenEndpointAuthMethod: 'NONE' as const };

    expect(await isNeeded({}, app, { redirectUri })).toBe(isAsked);
    expect(await isNeeded({}, { ...app, trusted: true }, { redirectUri })).toBe(isAsked);
    expect(await isNeeded({}, {}, { redirectUri })).toBe(false);
  });

  it.each<[string, Partial<TokenEntity>]>([
    ['switched off', { enabled: false }],
    ['revoked', { revokedAt: new Date('2026-03-01T12:00:00.000Z') }],
    ['expired', { expiresAt: new Date('2026-03-01T12:00:00.000Z') }],
  ])('is needed again once the token is %s', async (_what, columns) => {
    await change(columns);
    expect(await isNeeded()).toBe(true);
    await change({ enabled: true, revokedAt: null, expiresAt: null });
    expect(await isNeeded()).toBe(false);
  });
});
