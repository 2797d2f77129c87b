import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { hubProviderId, saveHubClient, saveProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { mutate } from '../graphql/root/root-field.js';
import { DatabaseWindow } from '../token/database-window.js';
import { SCRIPTED_CLIENT, ScriptedProvider } from '../token/scripted-provider.js';

const DELETE = { field: 'deleteClient', inputType: 'DeleteClientInput', selection: 'deletedId' };
const NOW = '2026-11-01 12:00:00.000';

describeEachDatabase('the deletion of a client of the hub', (on) => {
  let hub: TestHub;
  let manager: Ask;
  let upstream: ScriptedProvider;
  let window: DatabaseWindow;
  let userId: string;

  beforeAll(async () => {
    const databaseUrl = await on.freshUrl();
    upstream = await ScriptedProvider.start();
    hub = await TestHub.start({ databaseUrl });
    manager = await hub.asManager();
    window = new DatabaseWindow(databaseUrl);
    userId = (await manager('{ viewer { id } }')).data.viewer.id as string;
  });
  afterAll(async () => {
    await hub.stop();
    await upstream.close();
  });

  /** A token of the client with a value that was issued of it, and an authorization code. */
  const used = async (clientRowId: string): Promise<string> => {
    const given = await saveProvider(manager, {
      ...upstream.endpoints,
      grantTypes: ['CLIENT_CREDENTIALS'],
      client: SCRIPTED_CLIENT,
    });
    const { data } = await manager(
      'mutation ($input: RequestTokenInput!) { requestToken(input: $input) { token { id } } }',
      { input: { name: given.name, providerId: given.id, grantType: 'CLIENT_CREDENTIALS' } },
    );
    const tokenId = data.requestToken.token.id as string;
    await window.query('UPDATE token SET providerId = ?, clientId = ? WHERE id = ?', [
      await hubProviderId(manager),
      clientRowId,
      tokenId,
    ]);
    const hash = randomBytes(32).toString('hex');
    await window.query(
      "INSERT INTO issued_value (id, tokenId, kind, hash, generation, createdAt) VALUES (?, ?, 'ACCESS', ?, 1, ?)",
      [`isv_${hash.slice(0, 26)}`, tokenId, hash, NOW],
    );
    await window.query(
      "INSERT INTO authorization_code (id, hash, clientId, userId, scopes, resource, codeChallenge, authenticatedAt, expiresAt, createdAt) VALUES (?, ?, ?, ?, '[]', '[]', 'x', ?, ?, ?)",
      [`cod_${hash.slice(0, 26)}`, hash, clientRowId, userId, NOW, NOW, NOW],
    );
    return tokenId;
  };
  const left = async (clientRowId: string, tokenId: string): Promise<number[]> => {
    const counts = [
      ['client', 'id', clientRowId],
      ['client_secret', 'clientId', clientRowId],
      ['token', 'id', tokenId],
      ['issued_value', 'tokenId', tokenId],
      ['authorization_code', 'clientId', clientRowId],
    ] as const;
    const rows = counts.map(([table, column, id]) =>
      window.query(`SELECT COUNT(*) AS count FROM ${table} WHERE ${column} = ?`, [id]),
    );
    return (await Promise.all(rows)).map(([row]) => Number(row?.['count']));
  };

  it('is refused while it has tokens, unless everything is to end with it', async () => {
    const { id } = await saveHubClient(manager);
    const tokenId = await used(id);

    const refused = await mutate(manager, DELETE, { id });
    const kept = await left(id, tokenId);
    const deleted = await mutate(manager, DELETE, { id, cascade: true });

    expect(refused.userErrors).toMatchObject([{ code: 'IN_USE', field: ['id'] }]);
    expect(kept).toEqual([1, 1, 1, 1, 1]);
    expect(deleted).toMatchObject({ deletedId: id, userErrors: [] });
    expect(await left(id, tokenId)).toEqual([0, 0, 0, 0, 0]);
  });

  it('leaves other clients as they are', async () => {
    const [client, other] = [await saveHubClient(manager), await saveHubClient(manager)];
    const [, othersToken] = [await used(client.id), await used(other.id)];

    await mutate(manager, DELETE, { id: client.id, cascade: true });

    expect(await left(other.id, othersToken)).toEqual([1, 1, 1, 1, 1]);
  });
});
