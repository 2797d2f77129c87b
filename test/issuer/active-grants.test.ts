import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { IssuerHub } from './issuer-hub.js';
import type { ThirdParty } from './third-parties.js';

const FACTS = `query ($id: ID!) {
  client(id: $id) { activeTokens { id } tokens { nodes { id active status } } }
  tokens(filter: { clientIds: [$id], active: true }) { nodes { id } }
  clientAccess(id: $id) { active unexpired problems }
}`;

describeEachDatabase('R3.5: whether a grant of the token endpoint is active', (database) => {
  let issuer: IssuerHub;

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
  });
  afterAll(() => issuer.stop());

  /** Each place that tells which tokens can be used says the same. */
  const activeOf = async ({ row }: ThirdParty) => {
    const { data, errors } = await issuer.manager(FACTS, { id: row.id });
    expect(errors).toEqual([]);
    const ids = (nodes: { id: string }[]): string[] => nodes.map(({ id }) => id).sort();
    const { activeTokens, tokens } = data.client;
    const active = ids(tokens.nodes.filter((each: { active: boolean }) => each.active));
    expect(ids(activeTokens)).toEqual(active);
    expect(ids(data.tokens.nodes)).toEqual(active);
    expect(data.clientAccess.active).toBe(active.length > 0);
    return { active, access: data.clientAccess };
  };

  it('is, of a consent, while something that was issued of it is good', async () => {
    const client = await issuer.parties.client();
    const first = await issuer.parties.consent(client);
    const other = await issuer.parties.consent(client, { scopes: ['hub:read'] });
    expect((await activeOf(client)).active).toEqual([first.tokenId, other.tokenId].sort());

    await issuer.revoke(client, first.accessToken);
    expect((await activeOf(client)).active).toContain(first.tokenId);
    await issuer.revoke(client, first.refreshToken);

    expect((await activeOf(client)).active).toEqual([other.tokenId]);
    await issuer.revoke(client, other.refreshToken);
    const { access, active } = await activeOf(client);
    expect(active).toEqual([]);
    expect(access).toEqual({
      active: false,
      unexpired: true,
      problems: [expect.stringContaining('what was issued of them has ended')],
    });
    await issuer.parties.mint(other.tokenId);
    expect((await activeOf(client)).active).toEqual([other.tokenId]);
  });

  it('is not, of a consent without refresh token, once the access token has expired', async () => {
    const client = await issuer.parties.client();
    const { refreshToken, tokenId } = await issuer.parties.consent(client);
    await issuer.revoke(client, refreshToken);
    await issuer.parties.mint(tokenId);
    expect((await activeOf(client)).active).toEqual([tokenId]);

    await issuer.parties.pass(2 * 3_600_000);

    expect((await activeOf(client)).active).toEqual([]);
  });

  it('is, of a client by itself, while it may fetch the next value', async () => {
    const client = await issuer.parties.client();
    const { body } = await issuer.ownToken(client);

    await issuer.revoke(client, body.access_token as string);

    const { access, active } = await activeOf(client);
    expect(active).toHaveLength(1);
    expect(access).toEqual({ active: true, unexpired: true, problems: [] });
    expect((await issuer.ownToken(client)).status).toBe(200);
  });
});
