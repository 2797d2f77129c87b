import { registerEnumType } from 'type-graphql';
import { USER_ERROR_CODES } from '../errors.js';
import { enumObject } from './enum-object.js';

export const UserErrorCodeEnum = enumObject(USER_ERROR_CODES);
registerEnumType(UserErrorCodeEnum, {
  name: 'UserErrorCode',
  description: 'What kind of problem a caller can mend.',
  valuesConfig: {
    INVALID: { description: 'A value cannot be used as it is; the message says what can.' },
    REQUIRED: { description: 'A value is missing.' },
    TAKEN: { description: 'Another record has this name, key or id.' },
    NOT_FOUND: { description: 'No such record, or none that the caller may touch.' },
    CONFLICT: { description: 'Somebody else changed the record at the same time: read it again and repeat.' },
    IN_USE: { description: 'Other records depend on this one.' },
    DISABLED: { description: 'The record is switched off.' },
    RATE_LIMITED: { description: 'Too many attempts; the message says when to try again.' },
    IDEMPOTENCY_KEY_REUSED: { description: 'The idempotency key came before with another input.' },
    SECRET_ALREADY_SHOWN: { description: 'A secret was shown in the first answer and is not shown again.' },
    GRANT_TYPE_NOT_ALLOWED: { description: 'The grant type cannot be used like this.' },
    AUTHORIZATION_REQUIRED: { description: 'A person must consent first.' },
    INTERACTION_REQUIRED: { description: 'A person must act at the provider.' },
    NO_REFRESH_TOKEN: { description: 'Nothing is stored by which the token could be refreshed.' },
    REFRESH_TOKEN_NOT_RETURNED: { description: 'The provider gave no refresh token though one is required.' },
    REAUTHORIZATION_REQUIRED: { description: 'What was granted does not count any more: connect again.' },
    ACCOUNT_MISMATCH: { description: 'The person chose another account than before.' },
    PROVIDER_REJECTED: { description: 'The provider refused.' },
    PROVIDER_UNREACHABLE: { description: 'The provider could not be reached, or cannot answer now.' },
    PROVIDER_INVALID_RESPONSE: { description: 'The provider answered with something the hub cannot read.' },
    NOT_SUPPORTED: { description: 'The hub does not offer this.' },
    INTERNAL: {
      description: 'A fault of the hub: one record of several, or a disk that takes nothing. Its log says more.',
    },
  },
});
