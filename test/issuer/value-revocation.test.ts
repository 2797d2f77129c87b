import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { describeEachDatabase } from '../support/databases.js';
import { countEvents, trailOf } from '../support/trail.js';
import { IssuerHub } from './issuer-hub.js';
import type { ThirdParty } from './third-parties.js';

describeEachDatabase('R1.5: revocation by value', (database) => {
  let issuer: IssuerHub;
  let client: ThirdParty;
  let server: ThirdParty;

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
    client = await issuer.parties.client();
    server = await issuer.parties.client({ resourceServer: true });
  });
  afterAll(() => issuer.stop());

  const isActive = async (token: string) => (await issuer.introspect(server, token)).active as boolean;
  const actionsOf = async (tokenId: string) =>
    (await trailOf(issuer.manager, tokenId)).map(({ action, actorName }) => `${action} by ${actorName}`);

  it('ends one access token, for the very next request, and none of its token besides', async () => {
    const { accessToken, refreshToken, tokenId } = await issuer.parties.consent(client);
    const other = await issuer.parties.consent(client);

    const { body, status } = await issuer.revoke(client, accessToken);

    expect([status, body]).toEqual([200, {}]);
    expect(await isActive(accessToken)).toBe(false);
    expect(await isActive(other.accessToken)).toBe(true);
    expect((await issuer.refresh(client, refreshToken)).status).toBe(200);
    expect(await actionsOf(tokenId)).toContain(`ISSUED_VALUE_REVOKED by ${client.row.name}`);
  });

  it('ends, with a refresh token, all that came with it and after it', async () => {
    const first = await issuer.parties.consent(client);
    const second = (await issuer.refresh(client, first.refreshToken)).body;

    // A used one names its family as well.
    await issuer.revoke(client, first.refreshToken);

    expect(await isActive(first.accessToken)).toBe(false);
    expect(await isActive(second.access_token as string)).toBe(false);
    for (const refreshToken of [first.refreshToken, second.refresh_token as string])
      expect((await issuer.refresh(client, refreshToken)).body.error).toBe('invalid_grant');
  });

  const call = async (mutation: string, input: object) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data } = await issuer.manager(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { accessToken token { id } } }`,
      { input },
    );
    return data[mutation];
  };
  const requested = () =>
    call('requestToken', { name: newId('token'), clientId: client.row.id, grantType: 'CLIENT_CREDENTIALS' });
  const statusOf = async (id: string) =>
    (await issuer.manager('query ($id: ID!) { token(id: $id) { status } }', { id })).data.token.status as string;

  it('ends the token itself where that has one value', async () => {
    const { accessToken, token } = await requested();

    expect((await issuer.revoke(client, accessToken as string)).status).toBe(200);

    expect(await isActive(accessToken as string)).toBe(false);
    expect(await statusOf(token.id as string)).toBe('REVOKED');
  });

  it('ends the value from before a rotation alone, and nothing once that has ended', async () => {
    const { accessToken: first, token } = await requested();
    const { accessToken: second } = await call('refreshToken', { id: token.id });
    expect(await isActive(first as string)).toBe(true);

    await issuer.revoke(client, first as string);
    const after = await actionsOf(token.id as string);
    await issuer.revoke(client, first as string);

    expect([await isActive(first as string), await isActive(second as string)]).toEqual([false, true]);
    expect(after.at(-1)).toBe(`ISSUED_VALUE_REVOKED by ${client.row.name}`);
    expect(await actionsOf(token.id as string)).toEqual(after);
    expect(await statusOf(token.id as string)).toBe('ACTIVE');
  });

  it('leaves the other devices of a person alone where what is sent was stolen and has ended', async () => {
    const own = await issuer.parties.client();
    const stolen = await issuer.parties.consent(own);
    const other = await issuer.parties.consent(own);
    await issuer.refresh(own, stolen.refreshToken);
    await issuer.parties.pass(11_000);
    expect((await issuer.refresh(own, stolen.refreshToken)).body.error).toBe('invalid_grant');
    const before = await actionsOf(stolen.tokenId);
    expect(before.some((action) => action.startsWith('REFRESH_TOKEN_REUSED'))).toBe(true);

    for (const value of [stolen.accessToken, stolen.refreshToken]) await issuer.revoke(own, value);

    expect(other.tokenId).toBe(stolen.tokenId);
    expect(await isActive(other.accessToken)).toBe(true);
    expect((await issuer.refresh(own, other.refreshToken)).status).toBe(200);
    expect(await statusOf(other.tokenId)).toBe('ACTIVE');
    expect(await actionsOf(stolen.tokenId)).toEqual([...before, expect.stringMatching(/^TOKEN_ISSUED/)]);
  });

  it('ends what counts for nothing at the moment, so that it stays so', async () => {
    const { refreshToken } = await issuer.parties.consent(client);
    const setEnabled = (enabled: number) =>
      issuer.parties.database.writer.query('UPDATE user SET enabled = ? WHERE id = ?', [
        enabled,
        issuer.parties.user.id,
      ]);
    await setEnabled(0);

    await issuer.revoke(client, refreshToken);
    await setEnabled(1);

    expect((await issuer.refresh(client, refreshToken)).body.error).toBe('invalid_grant');
  });

  it('answers alike, and changes nothing, for what is unknown, of another client, or over', async () => {
    const { accessToken, refreshToken } = await issuer.parties.consent(client);
    const over = await issuer.parties.consent(client);
    await issuer.revoke(client, over.refreshToken);
    const before = await countEvents(issuer.manager, 'ISSUED_VALUE_REVOKED', 'TOKEN_REVOKED');
    const another = await issuer.parties.client();

    const answers = [
      await issuer.revoke(client, 'unknown'),
      await issuer.revoke(client, client.secret),
      await issuer.revoke(another, accessToken),
      await issuer.revoke(another, refreshToken),
      await issuer.revoke(client, over.refreshToken),
    ];

    expect(answers.map(({ body, status }) => [status, body])).toEqual(answers.map(() => [200, {}]));
    expect(await isActive(accessToken)).toBe(true);
    expect((await issuer.refresh(client, refreshToken)).status).toBe(200);
    expect(await countEvents(issuer.manager, 'ISSUED_VALUE_REVOKED', 'TOKEN_REVOKED')).toBe(before);
  });

  it('takes a hint, right or wrong', async () => {
    for (const hint of ['access_token', 'refresh_token', 'something_else']) {
      const { accessToken } = await issuer.parties.consent(client);
      await issuer.post('/oauth/revoke', { token: accessToken, token_type_hint: hint }, client.basic);
      expect(await isActive(accessToken)).toBe(false);
    }
  });

  it('is for clients that prove themselves and say what to end', async () => {
    const { accessToken } = await issuer.parties.consent(client);

    const answers = [
      await issuer.post('/oauth/revoke', { token: accessToken }),
      await issuer.post('/oauth/revoke', { token: accessToken, client_id: client.row.clientId }),
      await issuer.post('/oauth/revoke', {}, client.basic),
    ];

    expect(answers.map(({ body, status }) => [status, body.error])).toEqual([
      [401, 'invalid_client'],
      [401, 'invalid_client'],
      [400, 'invalid_request'],
    ]);
    expect(await isActive(accessToken)).toBe(true);
  });
});
