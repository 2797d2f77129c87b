import { randomBytes } from 'node:crypto';
import type { ClientEntity } from '../../src/client/client.entity.js';
import type { Database } from '../../src/database/database.js';
import { IssuedValueLookup } from '../../src/issued-value/issued-value-lookup.js';
import { IssuedValueRepository } from '../../src/issued-value/issued-value.repository.js';
import { savePerson } from '../support/builders.js';
import type { TestDatabase } from '../support/databases.js';
import type { Ask } from '../support/hub.js';
import { aClientRow } from '../support/rows.js';
import type { DatabaseWindow } from '../token/database-window.js';
import { TokenLife } from '../token/token-life.js';

export const ISSUED_FIELDS = `
  id name grantType status active enabled generation scopes grantedScopes resource expiresIn expiresAt expiryLabel
  connectionState warnings accessTokenHint hasRefreshToken nextRefreshAt autoRefresh useProviderClient externalId issuedAt
  lastRefreshedAt user { id } client { id } provider { key } replaces { id } labels { name value }
  lastExchange { curl } lastError { code }`;

/** Payload fields besides token and userErrors. */
const EXTRA_FIELDS: Record<string, string> = {
  requestToken: 'accessToken refreshToken authorization { url } warnings',
  refreshToken: 'accessToken',
  resetToken: 'accessToken outcome authorization { url }',
  revokeToken: 'outcome',
};

type Input = Record<string, unknown>;

/** A hub that issues tokens itself, told in terms of its third parties. */
export class IssuedLife {
  private readonly lookup: IssuedValueLookup;
  private clockBehindMs = 0;

  private constructor(
    readonly life: TokenLife,
    readonly providerId: string,
  ) {
    // The look-up of every request, on the rows that are there at this moment.
    const manager = { query: (sql: string, parameters: string[]) => life.rows.query(sql, parameters) };
    const values = new IssuedValueRepository({ manager } as unknown as Database);
    this.lookup = new IssuedValueLookup(values, { now: () => new Date(Date.now() - this.clockBehindMs) });
  }

  static async start(on: Pick<TestDatabase, 'freshUrl'>): Promise<IssuedLife> {
    const life = await TokenLife.start(on);
    const { data } = await life.manager('{ provider(key: "hub") { id } }');
    return new IssuedLife(life, data.provider.id as string);
  }

  get manager(): Ask {
    return this.life.manager;
  }

  get rows(): DatabaseWindow {
    return this.life.rows;
  }

  stop(): Promise<void> {
    return this.life.stop();
  }

  /** A third party that may ask for tokens for itself. */
  async client(given: Partial<ClientEntity> = {}): Promise<ClientEntity> {
    const row = aClientRow(this.providerId, { scopes: ['orders:read', 'orders:write'], ...given });
    row.clientId = `third-party-${randomBytes(6).toString('hex')}`;
    row.name = row.nameKey = row.clientId;
    const columns = Object.entries(row).filter(([, value]) => value !== null && value !== undefined);
    await this.rows.query(
      `INSERT INTO client (${columns.map(([name]) => name).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      columns.map(([, value]) => stored(value)),
    );
    return row;
  }

  async setClient(id: string, column: keyof ClientEntity, value: string | number): Promise<void> {
    await this.rows.query(`UPDATE client SET ${column} = ? WHERE id = ?`, [value, id]);
  }

  async person(): Promise<string> {
    return (await savePerson(this.manager)).id;
  }

  /** The payload of a mutation that the edge lets through. */
  async mutate(mutation: string, input: Input, ask: Ask = this.manager): Promise<any> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await ask(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) {
        token { ${ISSUED_FIELDS} } ${EXTRA_FIELDS[mutation] ?? ''} userErrors { code field message } } }`,
      { input },
    );
    if (!data?.[mutation]) throw new Error(JSON.stringify(errors));
    return data[mutation];
  }

  /** What requestToken answers for a client of the hub. */
  request(client: ClientEntity, input: Input = {}): Promise<any> {
    const name = `Issued ${randomBytes(6).toString('hex')}`;
    return this.mutate('requestToken', { name, clientId: client.id, grantType: 'CLIENT_CREDENTIALS', ...input });
  }

  /** A token, and its value. */
  async issued(client: ClientEntity, input: Input = {}): Promise<{ token: any; accessToken: string }> {
    const { accessToken, token, userErrors } = await this.request(client, input);
    if (typeof accessToken !== 'string') throw new Error(JSON.stringify(userErrors));
    return { token, accessToken };
  }

  async find(id: string): Promise<any> {
    const { data } = await this.manager(`query ($id: ID!) { token(id: $id) { ${ISSUED_FIELDS} } }`, { id });
    return data.token;
  }

  /** Whether a request with this value is let in at this moment, by a replica whose clock is that much behind; negative: ahead. */
  async isTaken(accessToken: string, clockBehindMs = 0): Promise<boolean> {
    this.clockBehindMs = clockBehindMs;
    return (await this.lookup.liveAccess(accessToken)) !== null;
  }

  values(tokenId: string): Promise<Record<string, string | number | null>[]> {
    return this.rows.query('SELECT * FROM issued_value WHERE tokenId = ? ORDER BY id', [tokenId]);
  }
}

/** As both databases take it. */
function stored(value: unknown): string | number {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number);
}
