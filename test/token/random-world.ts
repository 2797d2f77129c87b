import type { ClientEntity } from '../../src/client/client.entity.js';
import type { ProviderEntity } from '../../src/provider/provider.entity.js';
import { CONNECTION_STATES } from '../../src/token/token-enums.js';
import type { TokenError } from '../../src/token/token-error.js';
import { TokenLabelEntity } from '../../src/token/token-label.entity.js';
import { NEVER } from '../../src/token/token-status.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { clientRow, DAY_MS, HOUR_MS, NOW, providerRow, tokenRow, userRow } from './stored-rows.js';

const TOKENS = 400;
const ERROR_CODES = ['REAUTHORIZATION_REQUIRED', 'PROVIDER_REJECTED', 'PROVIDER_UNREACHABLE'] as const;
const GRANT_TYPES = ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS', 'PASSWORD', 'REFRESH_TOKEN'] as const;

/** The same numbers in every run (mulberry32). */
class Dice {
  constructor(
    private state: number,
    private readonly origin: Date,
  ) {}

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
    const ms = this.of([0, 1, -1, HOUR_MS, -HOUR_MS, 10 * DAY_MS, -10 * DAY_MS, 200 * DAY_MS]);
    return new Date(this.origin.getTime() + ms);
  }
}

export interface World {
  providers: [ProviderEntity, ...ProviderEntity[]];
  clients: [ClientEntity, ...ClientEntity[]];
  users: [UserEntity, ...UserEntity[]];
  tokens: TokenEntity[];
  labels: TokenLabelEntity[];
}

/** @param origin instants lie around it */
export function randomWorld(seed: number, origin = NOW): World {
  const dice = new Dice(seed, origin);
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
    lastError: dice.chance(0.7) ? failure(dice.of(ERROR_CODES)) : null,
    nextRefreshAt: dice.chance(0.5) ? dice.instant() : NEVER,
    issuedAt: dice.chance(0.85) ? dice.instant() : null,
    revokedAt: dice.chance(0.1) ? dice.instant() : null,
    expiresAt: dice.chance(0.8) ? dice.instant() : null,
    renewable: dice.chance(0.5),
    refreshTokenExpiresAt: dice.chance(0.5) ? dice.instant() : null,
    authorizationExpiresAt: dice.chance(0.5) ? dice.instant() : null,
  });
}

function failure(code: TokenError['code']): TokenError {
  return {
    code,
    message: 'It failed.',
    error: 'failed',
    description: '{"code":"INVALID"}',
    uri: null,
    httpStatus: 400,
    permanent: false,
    retryAt: null,
    occurredAt: NOW.toISOString(),
  };
}
