import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { AuthorizationCodeEntity } from '../../src/authorization-code/authorization-code.entity.js';
import { valueHash } from '../../src/issued-value/value-text.js';
import { Codes } from '../authorization-code/codes.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { CuttingProxy } from './cutting-proxy.js';

describeWithMariaDb('a code whose commit is unclear', () => {
  let server: MariaDb;
  let proxy: CuttingProxy;
  let codes: Codes;

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    proxy = await CuttingProxy.ofNewDatabase(server.url);
    codes = await Codes.open(proxy.url);
  });
  afterEach(() => proxy.close());

  const countOf = async (action: string) =>
    (await codes.people.trail(codes.client.id)).filter((event) => event.action === action).length;

  it.each(['after', 'before'] as const)('gives what it is good for once: cut %s the commit', async (moment) => {
    const code = await codes.issue();

    const { accessToken, familyId } = await codes.redeem(code, {}, () => proxy.cutAt('COMMIT', moment));

    expect(await codes.lookup.liveAccess(accessToken)).not.toBeNull();
    const rows = await codes.people.database.manager.findBy(AuthorizationCodeEntity, { hash: valueHash(code) });
    expect(rows).toMatchObject([{ usedAt: expect.any(Date), familyId }]);
    expect(await countOf('AUTHORIZATION_CODE_REUSED')).toBe(0);
  });

  it.each(['after', 'before'] as const)('still ends what it gave when it comes again: cut %s it', async (moment) => {
    const code = await codes.issue();
    const { accessToken } = await codes.redeem(code, {}, () => proxy.cutAt('COMMIT', moment));

    await expect(codes.redeem(code)).rejects.toMatchObject({ code: 'invalid_grant' });

    expect(await codes.lookup.liveAccess(accessToken)).toBeNull();
    expect(await countOf('AUTHORIZATION_CODE_REUSED')).toBe(1);
  });
});
