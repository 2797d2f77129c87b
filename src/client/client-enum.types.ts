import { registerEnumType } from 'type-graphql';
import { enumObject } from '../graphql/enum-object.js';
import { ACCESS_TOKEN_FORMATS, TOKEN_STORAGES } from './client-enums.js';

export const TokenStorageEnum = enumObject(TOKEN_STORAGES);
registerEnumType(TokenStorageEnum, {
  name: 'TokenStorage',
  description: 'What the hub keeps of the access tokens that it issues.',
  valuesConfig: {
    HASHED: { description: 'Their SHA-256: they are shown once, when they are issued.' },
    RECOVERABLE: { description: 'The value, sealed: a System Manager can read it again.' },
  },
});

export const AccessTokenFormatEnum = enumObject(ACCESS_TOKEN_FORMATS);
registerEnumType(AccessTokenFormatEnum, {
  name: 'AccessTokenFormat',
  description: 'What access tokens of the token endpoint are.',
  valuesConfig: {
    OPAQUE: { description: 'Random values, good for an hour, that the hub alone can check (RFC 7662).' },
    JWT: {
      description:
        'Signed JWTs, good for ten minutes, that others can check offline (RFC 9068); they see a revocation at the expiry.',
    },
  },
});
