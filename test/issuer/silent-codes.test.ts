import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AskedAuthorization } from '../../src/issuer/authorization-endpoint-request.js';
import type { Consents, Standing } from '../../src/issuer/consents.js';
import { hubContext } from '../../src/request-context.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { IssuerHub } from './issuer-hub.js';
import type { OAuthAnswer } from './oauth-caller.js';
import type { ThirdParty } from './third-parties.js';

const REDIRECT_URI = 'https://client.example.com/callback';
const DAY_MS = 24 * 60 * 60_000;

describeEachDatabase('a code for which nobody was asked', (testDatabase) => {
  let issuer: IssuerHub;
  let consents: Consents;

  beforeAll(async () => {
    issuer = await IssuerHub.start(testDatabase);
    consents = issuer.parties.consents;
  });
  afterAll(() => issuer.stop());

  const requestOf = ({ row: client }: ThirdParty, resource: readonly string[]) => {
    const codeVerifier = randomBytes(32).toString('base64url');
    const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
    const asked = { scopes: client.scopes, resource, codeChallenge, nonce: null, prompts: [] };
    const all = { asked: asked as unknown as AskedAuthorization, client };
    return { request: { ...all, redirectUri: REDIRECT_URI, sentRedirectUri: REDIRECT_URI }, codeVerifier };
  };
  const session = () => ({ id: 'session', user: issuer.parties.user, authenticatedAt: new Date() });
  const standing = (client: ThirdParty, resource: readonly string[] = []): Promise<Standing | null> =>
    consents.standing(requestOf(client, resource).request, session());

  /** What the client sends for the code; it is silent where something stands for the consent. */
  const codeFor = async (client: ThirdParty, resource: readonly string[], because: Standing | null) => {
    const { codeVerifier, request } = requestOf(client, resource);
    const code = await consents.give(hubContext('test'), request, session(), because);
    return { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: codeVerifier };
  };
  type Form = Awaited<ReturnType<typeof codeFor>>;
  const spend = (client: ThirdParty, form: Form, resource: readonly string[] = []): Promise<OAuthAnswer> => {
    const all = new URLSearchParams(form);
    for (const each of resource) all.append('resource', each);
    return issuer.token(all.toString(), client.basic);
  };
  const consent = async (client: ThirdParty, resource: readonly string[] = []) => {
    const form = await codeFor(client, resource, null);
    const { body, status } = await spend(client, form);
    expect(status).toBe(200);
    return { form, refreshToken: body.refresh_token as string };
  };
  const silentCode = async (client: ThirdParty, resource: readonly string[] = []): Promise<Form> => {
    const because = await standing(client, resource);
    expect(because).toEqual({ tokenId: expect.any(String) });
    return codeFor(client, resource, because);
  };

  const tokens = (client: ThirdParty): Promise<TokenEntity[]> =>
    issuer.parties.database.writer.manager.find(TokenEntity, {
      where: { clientId: client.row.id },
      order: { id: 'ASC' },
    });
  /** As if so much were left of all that the client has. */
  const leave = (client: ThirdParty, ms: number) => {
    const end = new Date(Date.now() + ms);
    const columns = { expiresAt: end, sortExpiresAt: end };
    return issuer.parties.database.writer.manager.update(TokenEntity, { clientId: client.row.id }, columns);
  };
  const ends = async (client: ThirdParty) => (await tokens(client)).map(({ expiresAt }) => expiresAt?.getTime());
  const revoke = async (id: string, field: 'revokeToken' | 'deleteToken') => {
    const capital = field.charAt(0).toUpperCase() + field.slice(1);
    const operation = `mutation ($input: ${capital}Input!) { ${field}(input: $input) { userErrors { code } } }`;
    expect((await issuer.manager(operation, { input: { id } })).data[field].userErrors).toEqual([]);
  };
  const refused = { status: 400, body: { error: 'invalid_grant' } };

  it('gives what ends with the consent for fewer resources, however often', async () => {
    const client = await issuer.parties.client();
    const all = Array.from({ length: 4 }, (_, index) => `urn:example:${index}`);
    await consent(client, all);
    await leave(client, DAY_MS);
    const [end] = await ends(client);

    for (const most of [3, 2, 1]) {
      const form = await silentCode(client, all.slice(0, most + 1));
      expect((await spend(client, form, all.slice(0, most))).status).toBe(200);
    }

    expect(await ends(client)).toEqual([end, end, end, end]);
  });

  it('gives what ends with the consent for a resource that only the client names', async () => {
    const client = await issuer.parties.client();
    await consent(client);
    await leave(client, DAY_MS);
    const [end] = await ends(client);

    const { body, status } = await spend(client, await silentCode(client), ['urn:example:orders']);

    expect([status, typeof body.refresh_token]).toEqual([200, 'string']);
    expect(await ends(client)).toEqual([end, end]);
  });

  it('gives nothing once the consent has ended', async () => {
    const client = await issuer.parties.client();
    await consent(client);
    const form = await silentCode(client);
    await leave(client, -1_000);

    expect(await spend(client, form)).toMatchObject(refused);
    expect(await tokens(client)).toHaveLength(1);
  });

  it.each(['revokeToken', 'deleteToken'] as const)('gives nothing after %s, nor by what follows it', async (field) => {
    const client = await issuer.parties.client();
    await consent(client);
    const form = await silentCode(client);
    for (const { id } of await tokens(client)) await revoke(id, field);

    expect(await spend(client, form)).toMatchObject(refused);
    await consent(client);
    expect(await spend(client, form)).toMatchObject(refused);
  });

  it('gives nothing after a theft, and the person is asked', async () => {
    const client = await issuer.parties.client();
    const { form: spent } = await consent(client);
    const form = await silentCode(client);
    expect((await spend(client, spent)).body.error).toBe('invalid_grant');

    expect(await spend(client, form)).toMatchObject(refused);
    expect(await standing(client)).toBeNull();
  });

  it('is refused while the token of the consent is off, and good again when that is on', async () => {
    const client = await issuer.parties.client();
    await consent(client);
    const form = await silentCode(client);
    const setEnabled = (enabled: boolean) =>
      issuer.parties.database.writer.manager.update(TokenEntity, { clientId: client.row.id }, { enabled });

    await setEnabled(false);
    expect((await spend(client, form)).body.error).toBe('unauthorized_client');
    await setEnabled(true);
    expect((await spend(client, form)).status).toBe(200);
  });

  it.each([
    [true, 200],
    [false, 400],
  ])('of a client that is trusted makes the consent last anew while it is that: %p', async (trusted, status) => {
    const client = await issuer.parties.client({ trusted: true });
    await consent(client);
    await leave(client, 30_000);
    const because = await standing(client);
    expect(because).toEqual({ tokenId: null });
    const form = await codeFor(client, [], because);
    await issuer.parties.database.writer.query('UPDATE client SET trusted = ? WHERE id = ?', [+trusted, client.row.id]);

    const answer = await spend(client, form);

    expect(answer.status).toBe(status);
    expect(answer.body.expires_in).toBe(trusted ? 3600 : undefined);
    expect(((await ends(client))[0] ?? 0) > Date.now() + DAY_MS).toBe(trusted);
  });
});
