import type { PresetData } from '../preset.schema.js';

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const DOMAIN_LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN_NAME = `(?=.{1,253}$)${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL}){1,8}`;

export const MICROSOFT_PRESET: PresetData = {
  key: 'microsoft',
  name: 'Microsoft Entra ID / Graph',
  aliases: ['Azure AD', 'Azure Active Directory', 'Office 365', 'Microsoft 365', 'Outlook', 'Teams', 'SharePoint'],
  category: 'suite',
  documentationUrl: 'https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens',
  variables: [
    {
      name: 'tenant',
      description:
        'Directory (tenant) ID or a domain name of the tenant; or common, organizations or consumers for an application registered for several tenants.',
      pattern: `${GUID}|${DOMAIN_NAME}|common|organizations|consumers`,
      lowerCase: true,
    },
  ],
  issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
  issuerWhen: { variable: 'tenant', pattern: GUID },
  authorizationEndpoint: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize',
  tokenEndpoint: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
  refreshEndpoint: null,
  revocationEndpoint: null,
  introspectionEndpoint: null,
  userinfoEndpoint: 'https://graph.microsoft.com/oidc/userinfo',
  deviceAuthorizationEndpoint: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode',
  grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS', 'DEVICE_CODE', 'REFRESH_TOKEN'],
  tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
  pkce: true,
  scopeSeparator: ' ',
  defaultScopes: ['openid', 'email', 'offline_access'],
  requiredScopes: ['offline_access'],
  authorizationParameters: [],
  tokenParameters: [],
  requireRefreshToken: true,
  rotation: 'ROTATING_NO_REVOKE',
  revocationScope: 'UNKNOWN',
  expiresInUnit: 'SECONDS',
  assertionAudience: 'TOKEN_ENDPOINT',
  accessTokenLifetime: null,
  authorizationLifetime: 'P3M',
  authorizationAbsoluteLifetime: null,
  refreshMargin: 'PT5M',
  notes: [
    'Without the scope offline_access no refresh token comes back.',
    'Every refresh brings a new refresh token and leaves the old one valid: the newest is kept.',
    'A refresh token that is not used for three months (90 days) dies.',
    'Register the redirect URI as type "Web": with type "Single-page application" refresh tokens live for 24 hours.',
    'One access token serves one resource: scopes of two resources cannot be mixed in a request.',
    'The issuer is known when the tenant is given by its ID. With a domain name, common, organizations or consumers the issuer depends on who logs in and is left open.',
    'There is no revocation endpoint. An administrator can end all sessions of a person in the directory.',
    'Errors carry a number that begins with AADSTS; interaction_required means that the person must log in again.',
    'The lifetime of access tokens varies: expires_in of each answer counts, no default is assumed.',
  ],
  sources: [
    'https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens',
    'https://learn.microsoft.com/entra/identity-platform/certificate-credentials',
  ],
  verifiedOn: '2026-11-21',
};
