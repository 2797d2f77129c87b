import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import type { ProviderEntity } from '../../src/provider/provider.entity.js';
import { CONNECTION_STATES, TOKEN_STATUSES } from '../../src/token/token-enums.js';
import type { TokenFilter } from '../../src/token/token-filter.js';
import { TokenLabelEntity } from '../../src/token/token-label.entity.js';
import { expiryLabel, hasOwnCredential, statusOf } from '../../src/token/token-status.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { at, clientRow, DAY_MS, HOUR_MS, NOW, providerRow, saveRows, tokenRow, userRow } from './stored-rows.js';

const SEED = 20_260_301;
const TOKENS = 400;
const BY_ID = { column: 'id', direction: 'ASC' } as const;
const GRANT_TYPES = ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS', 'PASSWORD', 'REFRESH_TOKEN'] as const;

/** The same numbers in every run (mulberry32). */
class Dice {
  constructor(private state: number) {}

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.next() * values.length)] ?? values[0];
  }

  /** Around the present, with the present itself and its neighbours often among them. */
  instant(): Date {
    return at(this.of([0, 1, -1, HOUR_MS, -HOUR_MS, 10 * DAY_MS, -10 * DAY_MS, 200 * DAY_MS]));
  }
}

interface World {
  providers: [ProviderEntity, ...ProviderEntity[]];
  clients: [ClientEntity, ...ClientEntity[]];
  users: [UserEntity, ...UserEntity[]];
  tokens: TokenEntity[];
  labels: TokenLabelEntity[];
}

function randomWorld(dice: Dice): World {
  const providers: World['providers'] = [providerRow(), providerRow(), providerRow({ enabled: false })];
  const clients = providers.flatMap((each) => [clientRow(each), clientRow(each, { enabled: false })]);
  const [first, ...others] = clients;
  if (!first) throw new Error('There are clients');
  const users: World['users'] = [userRow(), userRow()];
  const tokens = Array.from({ length: TOKENS }, (_, index) => randomToken(dice, [first, ...others], users, index));
  const labels = tokens.flatMap(({ id: tokenId }) =>
    ['team', 'stage']
      .filter(() => dice.chance(0.5))
      .map((name) => Object.assign(new TokenLabelEntity(), { tokenId, name, value: dice.of(['a', 'b']) })),
  );
  return { providers, clients: [first, ...others], users, tokens, labels };
}

function randomToken(dice: Dice, clients: World['clients'], users: World['users'], index: number): TokenEntity {
  return tokenRow(dice.of(clients), {
    name: `${dice.of(['Sales', 'sales', 'Stock', '100%', 'Ä'])} ${index}`,
    grantType: dice.of(GRANT_TYPES),
    login: dice.chance(0.5) ? 'sealed' : null,
    userId: dice.chance(0.5) ? dice.of(users).id : null,
    externalId: dice.chance(0.3) ? dice.of(['crm-1', 'CRM-1']) : null,
    enabled: dice.chance(0.8),
    connectionState: dice.of(CONNECTION_STATES),
    issuedAt: dice.chance(0.85) ? dice.instant() : null,
    revokedAt: dice.chance(0.1) ? dice.instant() : null,
    expiresAt: dice.chance(0.8) ? dice.instant() : null,
    renewable: dice.chance(0.5),
    refreshTokenExpiresAt: dice.chance(0.5) ? dice.instant() : null,
    authorizationExpiresAt: dice.chance(0.5) ? dice.instant() : null,
  });
}

/** What `active` says of one token by itself. */
function isActive({ clients, providers }: World, token: TokenEntity): boolean {
  const owners = [...clients, ...providers].filter(({ id }) => [token.clientId, token.providerId].includes(id));
  return token.enabled && owners.every(({ enabled }) => enabled) && statusOf(token, NOW) === 'ACTIVE';
}

/** When a person has to do something, by what renews the token. */
function endsBefore(token: TokenEntity, limit: Date): boolean {
  if (token.revokedAt || !token.issuedAt) return false;
  if (token.renewable && hasOwnCredential(token)) return false;
  const ends = token.renewable ? [token.refreshTokenExpiresAt, token.authorizationExpiresAt] : [token.expiresAt];
  return ends.some((end) => end !== null && end < limit);
}

describeEachDatabase('the filter of tokens', (on) => {
  const world = randomWorld(new Dice(SEED));
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
