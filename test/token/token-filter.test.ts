import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { TOKEN_STATUSES } from '../../src/token/token-enums.js';
import type { TokenFilter } from '../../src/token/token-filter.js';
import { expiryLabel, hasOwnCredential, statusOf } from '../../src/token/token-status.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { randomWorld, type World } from './random-world.js';
import { at, DAY_MS, NOW, saveRows } from './stored-rows.js';

const SEED = 20_260_301;
const BY_ID = { column: 'id', direction: 'ASC' } as const;

/** What `active` says of one token by itself. */
function isActive({ clients, providers }: World, token: TokenEntity): boolean {
  const owners = [...clients, ...providers].filter(({ id }) => [token.clientId, token.providerId].includes(id));
  return token.enabled && owners.every(({ enabled }) => enabled) && statusOf(token, NOW) === 'ACTIVE';
}

/** What renews it has ended, or was refused for good. */
function needsReauthorization(token: TokenEntity): boolean {
  const { connectionState, lastError, renewable } = token;
  const isRefused = !renewable && connectionState === 'ERROR' && lastError?.code === 'REAUTHORIZATION_REQUIRED';
  return endsBefore(token, at(1)) || (isRefused && token.issuedAt !== null && token.revokedAt === null);
}

/** When a person has to do something, by what renews the token. */
function endsBefore(token: TokenEntity, limit: Date): boolean {
  if (token.revokedAt || !token.issuedAt) return false;
  if (token.renewable && hasOwnCredential(token)) return false;
  const ends = token.renewable ? [token.refreshTokenExpiresAt, token.authorizationExpiresAt] : [token.expiresAt];
  return ends.some((end) => end !== null && end < limit);
}

describeEachDatabase('the filter of tokens', (on) => {
  const world = randomWorld(SEED);
  const { clients, labels, providers, tokens, users } = world;
  let database: Database;
  let repository: TokenRepository;

  beforeAll(async () => {
    database = await Database.open(databaseConfig({ DATABASE_URL: await on.freshUrl() }));
    await new Migrator(database).migrate();
    await saveRows(database, world);
    repository = new TokenRepository(database);
  });
  afterAll(() => database.close());

  const found = async (filter: TokenFilter): Promise<{ ids: string[]; count: number }> => {
    const ids: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await repository.page(filter, NOW, { first: 100, after }, BY_ID);
      ids.push(...page.rows.map(({ id }) => id));
      const last = page.rows.at(-1);
      if (!page.hasNext || !last) return { ids, count: await page.count() };
      after = page.cursorOf(last);
    }
  };
  const expectSame = async (filter: TokenFilter, keeps: (token: TokenEntity) => boolean): Promise<void> => {
    const expected = tokens
      .filter(keeps)
      .map(({ id }) => id)
      .sort();
    expect(await found(filter)).toEqual({ ids: expected, count: expected.length });
  };
  const hasLabel = (token: TokenEntity, name: string, value: string): boolean =>
    labels.some((each) => each.tokenId === token.id && each.name === name && each.value === value);

  it.each(TOKEN_STATUSES)('says the same of %s as the status of each token', async (status) => {
    await expectSame({ statuses: [status] }, (token) => statusOf(token, NOW) === status);
    expect(tokens.filter((token) => statusOf(token, NOW) === status).length).toBeGreaterThan(10);
  });

  it('joins statuses by or, and finds nothing for none', async () => {
    const wanted = ['EXPIRED', 'REVOKED'] as const;

    await expectSame({ statuses: [...wanted] }, (token) => wanted.some((status) => statusOf(token, NOW) === status));
    await expectSame({ statuses: [...TOKEN_STATUSES] }, () => true);
    await expectSame({ statuses: [] }, () => false);
  });

  it.each([true, false])('says the same of active: %s as each token with its client and provider', async (active) => {
    await expectSame({ active }, (token) => isActive(world, token) === active);
  });

  it.each([-10 * DAY_MS, 0, 1, DAY_MS, 30 * DAY_MS, 500 * DAY_MS])(
    'finds those that need a person within %i ms',
    async (ms) => {
      await expectSame({ endsBefore: at(ms) }, (token) => endsBefore(token, at(ms)));
    },
  );

  it('finds by endsBefore nothing that is said to renew by itself', async () => {
    const byId = new Map(tokens.map((token) => [token.id, token]));
    const { ids } = await found({ endsBefore: new Date('9999-12-31T23:59:59Z') });

    const shown = new Set(ids.map((id) => expiryLabel(byId.get(id) as TokenEntity, NOW)));

    expect(shown.has('Renews by itself')).toBe(false);
    expect([...shown].some((label) => label.startsWith('Consent ends soon'))).toBe(true);
  });

  it.each<[string, TokenFilter, (token: TokenEntity) => boolean]>([
    ['nothing', {}, () => true],
    [
      'nothing but nulls',
      { search: null, statuses: null, active: null, labels: null, expiresBefore: null, endsBefore: null },
      () => true,
    ],
    ['the beginning of a name', { search: 'SALES ' }, ({ nameKey }) => nameKey.startsWith('sales')],
    ['a name with a wildcard', { search: '100%' }, ({ name }) => name.startsWith('100%')],
    ['a wildcard', { search: '%' }, () => false],
    ['what is switched on', { enabled: true }, ({ enabled }) => enabled],
    ['what is switched off', { enabled: false }, ({ enabled }) => !enabled],
    ['what a person must connect again', { needsReauthorization: true }, needsReauthorization],
    ['what need not be', { needsReauthorization: false }, (token) => !needsReauthorization(token)],
    [
      'errors of the last exchange',
      { errorCodes: ['PROVIDER_UNREACHABLE', 'REAUTHORIZATION_REQUIRED'] },
      ({ connectionState, lastError }) =>
        connectionState === 'ERROR' && lastError !== null && lastError.code !== 'PROVIDER_REJECTED',
    ],
    ['no error', { errorCodes: [] }, () => false],
    ['a connection state', { connectionStates: ['ERROR'] }, (token) => token.connectionState === 'ERROR'],
    ['no connection state', { connectionStates: [] }, () => false],
    ['providers', { providerIds: [providers[0].id] }, (token) => token.providerId === providers[0].id],
    ['clients', { clientIds: [clients[0].id, 'nobody'] }, (token) => token.clientId === clients[0].id],
    ['users', { userIds: users.map(({ id }) => id) }, (token) => token.userId !== null],
    ['nobody', { userIds: [] }, () => false],
    ['ids of another kind', { userIds: [providers[0].id] }, () => false],
    ['grants', { grantTypes: ['PASSWORD', 'REFRESH_TOKEN'] }, ({ grantType }) => /^(PASS|REFR)/.test(grantType)],
    ['an id of another system', { externalId: 'crm-1' }, ({ externalId }) => externalId === 'crm-1'],
    ['expiry after now', { expiresAfter: NOW }, ({ expiresAt }) => expiresAt !== null && expiresAt > NOW],
    ['expiry before now', { expiresBefore: NOW }, ({ expiresAt }) => expiresAt !== null && expiresAt < NOW],
    [
      'expiry before the end of time',
      { expiresBefore: new Date('9999-12-31T23:59:59Z') },
      ({ expiresAt }) => expiresAt !== null,
    ],
    [
      'expiry in between',
      { expiresAfter: at(-1), expiresBefore: at(1) },
      ({ expiresAt }) => expiresAt?.getTime() === NOW.getTime(),
    ],
    ['a label', { labels: [{ name: 'team', value: 'a' }] }, (token) => hasLabel(token, 'team', 'a')],
    [
      'all of several labels',
      {
        labels: [
          { name: 'team', value: 'a' },
          { name: 'stage', value: 'b' },
        ],
      },
      (token) => hasLabel(token, 'team', 'a') && hasLabel(token, 'stage', 'b'),
    ],
    ['a label with another value', { labels: [{ name: 'team', value: 'A' }] }, () => false],
    [
      'everything at once',
      {
        search: 's',
        statuses: ['ACTIVE'],
        active: true,
        connectionStates: ['CONNECTED', 'DEFAULT'],
        grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
        labels: [{ name: 'team', value: 'b' }],
        expiresAfter: NOW,
      },
      (token) =>
        token.nameKey.startsWith('s') &&
        isActive(world, token) &&
        token.connectionState !== 'ERROR' &&
        /^(AUTH|CLIENT)/.test(token.grantType) &&
        hasLabel(token, 'team', 'b') &&
        token.expiresAt !== null &&
        token.expiresAt > NOW,
    ],
  ])('finds by %s', async (_name, filter, keeps) => {
    await expectSame(filter, keeps);
  });
});
