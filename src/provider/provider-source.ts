import { applyPreset } from '../catalogue/apply-preset.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { UserError } from '../errors.js';
import type { AuthorizationServerMetadata } from '../oauth/authorization-server-metadata.js';
import type { Discovery } from '../oauth/discovery.js';
import { type GrantType, TOKEN_ENDPOINT_AUTH_METHODS, type TokenEndpointAuthMethod } from './provider-enums.js';
import { hubIsNoBase } from './hub-provider-rules.js';
import { providerNotFound } from './provider-not-found.js';
import type { ProviderParameters } from './provider-parameters.js';
import { applySettings, DEFAULT_SETTINGS, type GivenSettings, type ProviderSettings } from './provider-settings.js';
import type { ProviderDraft } from './provider-writer.js';
import type { ProviderRepository } from './provider.repository.js';

/** What a new provider is called, by its maker. */
interface Naming {
  key?: string | null;
  name?: string | null;
}

/** Where the settings of a new provider come from: the caller, another provider, the catalogue, or its issuer. */
export class ProviderSource {
  constructor(
    private readonly providers: ProviderRepository,
    private readonly parameters: ProviderParameters,
    private readonly catalogue: Catalogue,
    private readonly discovery: Discovery,
  ) {}

  async fromBase(
    baseId: string | null | undefined,
    naming: Naming & { name: string },
    given: GivenSettings,
  ): Promise<ProviderDraft> {
    if (baseId == null) return draft(naming, naming.name, applySettings(DEFAULT_SETTINGS, given));
    const base = await this.providers.findById(baseId);
    if (!base) throw providerNotFound('baseId');
    if (base.kind === 'HUB') throw hubIsNoBase();
    const settings = withoutSecrets(await this.parameters.settingsOf(base));
    const copy = draft(naming, naming.name, applySettings({ ...settings, defaultScopes: [] }, given));
    return { ...copy, baseId: base.id, ...(base.catalogueKey ? { catalogueKey: base.catalogueKey } : {}) };
  }

  fromCatalogue(
    catalogueKey: string,
    variables: Readonly<Record<string, string>>,
    naming: Naming,
    given: GivenSettings,
  ): ProviderDraft {
    const preset = this.catalogue.find(catalogueKey);
    if (!preset) {
      throw new UserError({
        code: 'NOT_FOUND',
        field: ['catalogueKey'],
        message: 'The catalogue has no such entry: list it with the providerCatalogue query.',
      });
    }
    const applied = applyPreset(preset, variables) as GivenSettings;
    const settings = applySettings(applySettings(DEFAULT_SETTINGS, applied), given);
    return { ...draft({ ...naming, key: naming.key ?? preset.key }, preset.name, settings), catalogueKey: preset.key };
  }

  async fromIssuer(issuer: string, naming: Naming, given: GivenSettings): Promise<ProviderDraft> {
    const metadata = await this.discovery.discover(issuer);
    const settings = applySettings(applySettings(DEFAULT_SETTINGS, settingsOf(metadata)), {
      ...given,
      issuer: metadata.issuer,
    });
    return draft(naming, new URL(issuer).host.slice(0, 200), settings);
  }
}

function draft(naming: Naming, defaultName: string, settings: ProviderSettings): ProviderDraft {
  const name = naming.name ?? defaultName;
  return { name, key: naming.key ?? keyFrom(name), settings };
}

/** @throws UserError when nothing of the name can stand in a URL */
function keyFrom(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const key = plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  if (key === '') {
    throw new UserError({
      code: 'REQUIRED',
      field: ['key'],
      message: 'No key can be made from this name: give one of lower-case letters, digits and hyphens.',
    });
  }
  return key;
}

function withoutSecrets(settings: ProviderSettings): ProviderSettings {
  return {
    ...settings,
    authorizationParameters: settings.authorizationParameters.filter((each) => !each.secret),
    tokenParameters: settings.tokenParameters.filter((each) => !each.secret),
  };
}

const GRANT_TYPE_NAMES: Record<string, GrantType> = {
  authorization_code: 'AUTHORIZATION_CODE',
  client_credentials: 'CLIENT_CREDENTIALS',
  password: 'PASSWORD',
  'urn:ietf:params:oauth:grant-type:device_code': 'DEVICE_CODE',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'JWT_BEARER',
};

/** Only what the document says; null and absent leave the default. */
function settingsOf(metadata: AuthorizationServerMetadata): GivenSettings {
  const offered = metadata.tokenEndpointAuthMethodsSupported.map((method) => method.toUpperCase());
  const method = preferredMethods.find((each) => offered.includes(each));
  const grants = metadata.grantTypesSupported.flatMap((name) => GRANT_TYPE_NAMES[name] ?? []);
  const usable = grants.filter(
    (grant) => grant !== 'AUTHORIZATION_CODE' || metadata.authorizationEndpoint !== undefined,
  );
  return {
    issuer: metadata.issuer,
    authorizationEndpoint: metadata.authorizationEndpoint,
    tokenEndpoint: metadata.tokenEndpoint,
    revocationEndpoint: metadata.revocationEndpoint,
    introspectionEndpoint: metadata.introspectionEndpoint,
    userinfoEndpoint: metadata.userinfoEndpoint,
    deviceAuthorizationEndpoint: metadata.deviceAuthorizationEndpoint,
    ...(usable.length > 0 ? { grantTypes: usable } : {}),
    ...(method ? { tokenEndpointAuthMethod: method } : {}),
    pkce:
      metadata.codeChallengeMethodsSupported.length === 0 || metadata.codeChallengeMethodsSupported.includes('S256'),
  };
}

/** Secrets first: a registration nearly always has one. */
const preferredMethods: readonly TokenEndpointAuthMethod[] = TOKEN_ENDPOINT_AUTH_METHODS;
