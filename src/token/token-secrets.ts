import { z } from 'zod';
import { ParameterVault } from '../provider/parameter-vault.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { TokenEntity } from './token.entity.js';

type SecretColumn = 'accessToken' | 'refreshToken' | 'idToken' | 'login';

const Login = z.object({ username: z.string(), password: z.string() });
export type ProviderLogin = z.infer<typeof Login>;

/** Seals and opens what is secret in a token's row. */
export class TokenSecrets {
  /** The extra parameters of the token's own requests. */
  readonly parameters: ParameterVault<TokenEntity>;

  constructor(private readonly vault: Vault) {
    this.parameters = new ParameterVault(vault, TokenEntity);
  }

  seal(id: string, column: SecretColumn, value: string): string {
    return this.vault.seal(sealedRef(TokenEntity, column, id), value);
  }

  /** @returns null where nothing is stored */
  async open(row: Pick<TokenEntity, 'id' | SecretColumn>, column: SecretColumn): Promise<string | null> {
    const sealed = row[column];
    return sealed === null ? null : this.vault.open(sealedRef(TokenEntity, column, row.id), sealed);
  }

  async login(row: TokenEntity): Promise<ProviderLogin | null> {
    const stored = await this.open(row, 'login');
    return stored === null ? null : Login.parse(JSON.parse(stored));
  }
}
