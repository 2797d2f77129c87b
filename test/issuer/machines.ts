import type { ClientEntity } from '../../src/client/client.entity.js';
import { newId } from '../../src/ids.js';
import { newValueText, valueHash } from '../../src/issued-value/value-text.js';
import { issuedTokenRow } from '../../src/issuer/issued-token-row.js';
import type { ProviderEntity } from '../../src/provider/provider.entity.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import type { TestDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { DatabaseWindow } from '../token/database-window.js';
import { clientRow, userRow } from '../token/stored-rows.js';

export const ALL_SCOPES = ['hub:read', 'hub:manage', 'hub:secrets', 'hub:call', 'hub:audit'];

/** Something with a token of the hub, and all that the token hangs on. */
export interface Machine {
  /** What it sends. */
  value: string;
  ask: Ask;
  user: UserEntity;
  client: ClientEntity;
  token: TokenEntity;
}

interface Given {
  scopes?: readonly string[];
  user?: Partial<UserEntity>;
  client?: Partial<ClientEntity>;
  token?: Partial<TokenEntity>;
}

/** A running hub, and machines in its database. */
export class Machines {
  private constructor(
    readonly hub: TestHub,
    readonly manager: Ask,
    readonly rows: DatabaseWindow,
    readonly hubProviderId: string,
  ) {}

  static async start(on: Pick<TestDatabase, 'freshUrl'>): Promise<Machines> {
    const databaseUrl = await on.freshUrl();
    const hub = await TestHub.start({ databaseUrl });
    const rows = new DatabaseWindow(databaseUrl);
    const [provider] = await rows.query('SELECT id FROM provider WHERE kind = ?', ['HUB']);
    return new Machines(hub, await hub.asManager(), rows, String(provider?.['id']));
  }

  /** A System Manager's, with every scope, unless something else is given. */
  async machine({ scopes = ALL_SCOPES, ...given }: Given = {}): Promise<Machine> {
    const user = Object.assign(userRow(), { roles: ['SYSTEM_MANAGER'] }, given.user);
    const provider = { id: this.hubProviderId } as ProviderEntity;
    const grantTypes = ['CLIENT_CREDENTIALS' as const];
    const client = clientRow(provider, { scopes: [...scopes], grantTypes, runAsId: user.id, ...given.client });
    const id = newId('token');
    const issued = { id, name: `Of ${client.name}`, client, userId: user.id, grantType: 'CLIENT_CREDENTIALS' as const };
    const token = issuedTokenRow({ ...issued, scopes, resource: [], now: new Date() });
    Object.assign(token, given.token);
    await this.insert('user', { ...user, roles: user.roles.join(',') });
    await this.insert('client', { ...client });
    await this.insert('token', { ...token });
    const value = await this.value(token);
    return { value, ask: this.hub.as(value), user, client, token };
  }

  /** Another access token of the same grant. */
  async value({ id: tokenId }: Pick<TokenEntity, 'id'>): Promise<string> {
    const value = newValueText('accessToken');
    await this.insert('issued_value', {
      id: newId('issuedValue'),
      tokenId,
      kind: 'ACCESS',
      hash: valueHash(value),
      generation: 1,
      createdAt: new Date(),
    });
    return value;
  }

  async change(table: string, id: string, column: string, value: Date | number | string | null): Promise<void> {
    await this.rows.query(`UPDATE ${table} SET ${column} = ${value === null ? 'NULL' : '?'} WHERE id = ?`, [
      ...(value === null ? [] : [stored(value)]),
      id,
    ]);
  }

  stop(): Promise<void> {
    return this.hub.stop();
  }

  async insert(table: string, row: Record<string, unknown>): Promise<void> {
    const columns = Object.keys(row).filter((name) => row[name] != null);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    await this.rows.query(
      sql,
      columns.map((name) => stored(row[name])),
    );
  }
}

/** As both databases store it. */
function stored(value: unknown): string | number {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}
