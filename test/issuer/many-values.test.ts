import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { IssuedValueEntity } from '../../src/issued-value/issued-value.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { StatementWatch } from '../support/statement-watch.js';
import { IssuerHub } from './issuer-hub.js';
import type { ThirdParty } from './third-parties.js';

describeEachDatabase('an issued token that has been used for long', (database) => {
  let watch: StatementWatch;
  let issuer: IssuerHub;

  beforeAll(async () => {
    watch = StatementWatch.begin();
    issuer = await IssuerHub.start(database).finally(() => watch.end());
  });
  afterAll(() => issuer.stop());

  /** With 450 refresh tokens that were used, of a client of its own. */
  const used = async (): Promise<{ client: ThirdParty; tokenId: string }> => {
    const client = await issuer.parties.client();
    const { familyId, tokenId } = await issuer.parties.consent(client);
    const now = new Date();
    const rows = Array.from({ length: 450 }, (_, index) =>
      Object.assign(new IssuedValueEntity(), {
        id: newId('issuedValue'),
        tokenId,
        kind: 'REFRESH',
        hash: randomBytes(32).toString('hex'),
        familyId,
        generation: index + 2,
        createdAt: now,
        usedAt: now,
      }),
    );
    await issuer.parties.database.writer.manager.insert(IssuedValueEntity, rows);
    return { client, tokenId };
  };
  const remove = (mutation: string, input: object): Promise<any> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    return issuer.manager(`mutation ($input: ${type}!) { ${mutation}(input: $input) { deletedId } }`, { input });
  };

  it.each<[string, (of: { client: ThirdParty; tokenId: string }) => Promise<unknown>]>([
    ['deleteToken', ({ tokenId }) => remove('deleteToken', { id: tokenId, revoke: false })],
    ['deleteClient', ({ client }) => remove('deleteClient', { id: client.row.id, cascade: true })],
    [
      'housekeeping',
      async ({ tokenId }) => {
        await issuer.parties.database.writer.query("UPDATE token SET revokedAt = '2026-01-01' WHERE id = ?", [tokenId]);
        await issuer.hub.app.purge();
      },
    ],
  ])('goes in batches by %s', async (_by, end) => {
    const of = await used();

    const statements = await watch.during(() => end(of));

    expect(await issuer.parties.count('issued_value')).toBe(0);
    expect(await issuer.parties.count('token')).toBe(0);
    const told = statements.flatMap(
      (sql) => /^COMMIT|^DELETE FROM .(?:issued_value|token)\b/.exec(sql)?.[0].replace(/[`"]/, '') ?? [],
    );
    const beforeIt = told.slice(0, told.indexOf('DELETE FROM token')).join();
    expect(beforeIt).toContain(Array.from({ length: 3 }, () => 'DELETE FROM issued_value,COMMIT').join());
  });
});
