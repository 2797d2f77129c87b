import { registerEnumType } from 'type-graphql';
import { enumObject } from '../graphql/enum-object.js';
import {
  ASSERTION_AUDIENCES,
  EXPIRES_IN_UNITS,
  GRANT_TYPES,
  PROVIDER_KINDS,
  REVOCATION_SCOPES,
  ROTATIONS,
  TOKEN_ENDPOINT_AUTH_METHODS,
} from './provider-enums.js';

export const ProviderKindEnum = enumObject(PROVIDER_KINDS);
registerEnumType(ProviderKindEnum, {
  name: 'ProviderKind',
  description: 'Who answers for a provider.',
  valuesConfig: {
    EXTERNAL: { description: 'An authorization server elsewhere.' },
    HUB: { description: 'The hub itself.' },
  },
});

export const GrantTypeEnum = enumObject(GRANT_TYPES);
registerEnumType(GrantTypeEnum, {
  name: 'GrantType',
  description: 'How a token is obtained (RFC 6749 `grant_type`). Others say: OAuth flow. OAuth 1.0a is not offered.',
  valuesConfig: {
    AUTHORIZATION_CODE: { description: 'A person consents in the browser (RFC 6749 §4.1).' },
    CLIENT_CREDENTIALS: { description: 'The client acts for itself (RFC 6749 §4.4).' },
    PASSWORD: { description: "The provider takes a person's user name and password (RFC 6749 §4.3)." },
    OIDC_HYBRID: { description: 'A person consents, and an ID token comes with the code (OpenID Connect Core §3.3).' },
    JWT_BEARER: { description: 'A signed assertion stands for the grant (RFC 7523 §2.1).' },
    DEVICE_CODE: { description: 'A person consents on another device (RFC 8628).' },
    REFRESH_TOKEN: { description: 'A refresh token that was obtained elsewhere is imported.' },
  },
});

export const TokenEndpointAuthMethodEnum = enumObject(TOKEN_ENDPOINT_AUTH_METHODS);
registerEnumType(TokenEndpointAuthMethodEnum, {
  name: 'TokenEndpointAuthMethod',
  description: 'How a client proves itself at the token endpoint (RFC 7591 §2). Others say: client authentication.',
  valuesConfig: {
    CLIENT_SECRET_BASIC: { description: 'Client id and secret in the Authorization header (RFC 6749 §2.3.1).' },
    CLIENT_SECRET_POST: { description: 'Client id and secret in the body (RFC 6749 §2.3.1).' },
    CLIENT_SECRET_JWT: { description: 'An assertion signed with the secret (OpenID Connect Core §9).' },
    PRIVATE_KEY_JWT: { description: 'An assertion signed with a private key (OpenID Connect Core §9).' },
    NONE: { description: 'A public client: no secret, PKCE instead.' },
  },
});

export const RotationEnum = enumObject(ROTATIONS);
registerEnumType(RotationEnum, {
  name: 'Rotation',
  description: 'What becomes of a refresh token when it is used.',
  valuesConfig: {
    NONE: { description: 'It stays as it is.' },
    ROTATING: { description: 'A new one comes and the old one dies.' },
    ROTATING_GRACE: { description: 'A new one comes; the old one works on for a short while.' },
    ROTATING_NO_REVOKE: { description: 'A new one comes; the old one keeps working.' },
    OPTIONAL: { description: 'A setting at the provider decides.' },
    UNKNOWN: { description: 'Not known: the hub handles it as ROTATING.' },
  },
});

export const RevocationScopeEnum = enumObject(REVOCATION_SCOPES);
registerEnumType(RevocationScopeEnum, {
  name: 'RevocationScope',
  description: 'What a revocation at the provider ends.',
  valuesConfig: {
    TOKEN: { description: 'The one token.' },
    GRANT: { description: 'Every token of the same consent.' },
    UNKNOWN: { description: 'Not known: the hub handles it as GRANT.' },
  },
});

export const ExpiresInUnitEnum = enumObject(EXPIRES_IN_UNITS);
registerEnumType(ExpiresInUnitEnum, {
  name: 'ExpiresInUnit',
  description: 'What the number in `expires_in` counts.',
  valuesConfig: {
    SECONDS: { description: 'Seconds, as RFC 6749 §5.1 says.' },
    MILLISECONDS: { description: 'Milliseconds, against the standard.' },
  },
});

export const AssertionAudienceEnum = enumObject(ASSERTION_AUDIENCES);
registerEnumType(AssertionAudienceEnum, {
  name: 'AssertionAudience',
  description: 'What a client assertion names as its audience.',
  valuesConfig: {
    ISSUER: { description: 'The issuer of the provider.' },
    TOKEN_ENDPOINT: { description: 'The URL of the token endpoint.' },
  },
});
