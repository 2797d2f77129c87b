import { expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { IssuerHub } from './issuer-hub.js';

const STOCK = 'urn:example:stock';

describeEachDatabase('the time of last use of an issued token', (on) => {
  it('is that of its use here, or of the question of a resource server that it is good for', async () => {
    const issuer = await IssuerHub.start(on);
    const { hub, parties } = issuer;
    const stock = await parties.client({ resourceServer: true, resource: [STOCK] });
    const consent = async (resource: readonly string[] = []) => {
      const client = await parties.client({ resourceServer: true, scopes: ['openid', 'hub:read'] });
      return { client, ...(await parties.consent(client, { resource })) };
    };
    const tokens = {
      calling: await consent(),
      askedFor: await consent([STOCK]),
      telling: await consent(),
      elsewhere: await consent(['urn:example:elsewhere']),
      lookedAt: await consent(),
    };
    const bearer = ({ accessToken }: { accessToken: string }) => ({ authorization: `Bearer ${accessToken}` });

    const { data } = await hub.ask('{ viewer { id } }', {}, tokens.calling.accessToken);
    const asked = await issuer.introspect(stock, tokens.askedFor.accessToken);
    const told = await fetch(`${hub.url}/oauth/userinfo`, { headers: bearer(tokens.telling) });
    const elsewhere = await issuer.introspect(stock, tokens.elsewhere.accessToken);
    const refresh = await issuer.introspect(tokens.lookedAt.client, tokens.lookedAt.refreshToken);
    await hub.stop();

    expect([data.viewer.id, asked.active, told.status]).toEqual([parties.user.id, true, 200]);
    expect([elsewhere.active, refresh.active]).toEqual([false, true]);
    const rows = await parties.database.writer.query<{ id: string }[]>(
      'SELECT id FROM token WHERE lastUsedAt IS NOT NULL',
    );
    const { askedFor, calling, telling } = tokens;
    expect(rows.map(({ id }) => id).sort()).toEqual([calling, askedFor, telling].map((each) => each.tokenId).sort());
    await parties.close();
  });
});
