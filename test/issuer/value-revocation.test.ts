import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TokenEntity } from '../../src/token/token.entity.js';
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

  it('ends the token itself where that has one value', async () => {
    const { tokenId } = await issuer.parties.consent(client, { scopes: ['hub:read'] });
    // As requestToken makes it.
    await issuer.parties.database.writer.manager.update(TokenEntity, { id: tokenId }, { grantKey: null });
    const { accessToken } = await issuer.parties.mint(tokenId);

    expect((await issuer.revoke(client, accessToken)).status).toBe(200);

    expect(await isActive(accessToken)).toBe(false);
    const { data } = await issuer.manager('query ($id: ID!) { token(id: $id) { status } }', { id: tokenId });
    expect(data.token).toEqual({ status: 'REVOKED' });
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
