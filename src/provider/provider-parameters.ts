import type { Vault } from '../vault/vault.js';
import type { ParameterField } from './parameter.js';
import { ParameterVault } from './parameter-vault.js';
import type { ProviderSettings } from './provider-settings.js';
import { ProviderEntity } from './provider.entity.js';

type SealedParameters = Pick<ProviderEntity, ParameterField>;

/** The extra parameters of a provider, sealed as a whole in its row. */
export class ProviderParameters extends ParameterVault<ProviderEntity> {
  constructor(vault: Vault) {
    super(vault, ProviderEntity);
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
