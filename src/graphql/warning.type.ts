import { registerEnumType } from 'type-graphql';
import { WARNINGS } from '../warning.js';
import { enumObject } from './enum-object.js';

export const WarningEnum = enumObject(WARNINGS);
registerEnumType(WarningEnum, {
  name: 'Warning',
  description: 'Something that works today and should be mended.',
  valuesConfig: {
    HTTPS_REQUIRED: { description: 'PUBLIC_URL is plain http: most providers accept only https redirect URIs.' },
    STALE: { description: 'A refresh failed; the token from before is still valid and is served.' },
    SCOPE_NARROWED: { description: 'Fewer scopes were granted than asked for.' },
    EXPIRY_ANOMALY: { description: 'The provider stated the lifetime in a way it cannot mean.' },
    REFRESH_TOKEN_MISSING: {
      description: 'There is no refresh token: a person must connect again when the token expires.',
    },
  },
});
