import { z } from 'zod';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import type { Parameter, ParameterField } from './parameter.js';
import type { ProviderSettings } from './provider-settings.js';
import { ProviderEntity } from './provider.entity.js';

const Stored = z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() }));

type SealedParameters = Pick<ProviderEntity, ParameterField>;

/** The extra parameters of a provider, sealed as a whole in its row. */
export class ProviderParameters {
  constructor(private readonly vault: Vault) {}

  async open(row: ProviderEntity, field: ParameterField): Promise<Parameter[]> {
    const sealed = row[field];
    if (sealed === null) return [];
    return Stored.parse(JSON.parse(await this.vault.open(sealedRef(ProviderEntity, field, row.id), sealed)));
  }

  seal(id: string, field: ParameterField, parameters: readonly Parameter[]): string | null {
    if (parameters.length === 0) return null;
    return this.vault.seal(sealedRef(ProviderEntity, field, id), JSON.stringify(parameters));
  }

  /** The row's settings with its parameters in the open. */
  async settingsOf(row: ProviderEntity): Promise<ProviderSettings> {
    const authorizationParameters = await this.open(row, 'authorizationParameters');
    const tokenParameters = await this.open(row, 'tokenParameters');
    return { ...row, authorizationParameters, tokenParameters };
  }

  /** The columns that settings are stored in. */
  columnsOf(id: string, settings: ProviderSettings): Omit<ProviderSettings, ParameterField> & SealedParameters {
    return {
      ...settings,
      authorizationParameters: this.seal(id, 'authorizationParameters', settings.authorizationParameters),
      tokenParameters: this.seal(id, 'tokenParameters', settings.tokenParameters),
    };
  }
}
