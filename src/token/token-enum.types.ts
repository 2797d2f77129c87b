import { registerEnumType } from 'type-graphql';
import { enumObject } from '../graphql/enum-object.js';
import { CONNECTION_STATES, REVOCATION_OUTCOMES, TOKEN_STATUSES } from './token-enums.js';

export const TokenStatusEnum = enumObject(TOKEN_STATUSES);
registerEnumType(TokenStatusEnum, {
  name: 'TokenStatus',
  description: 'What can be said of a token by its facts; expiry needs no write.',
  valuesConfig: {
    PENDING: { description: 'It has never been obtained.' },
    ACTIVE: {
      description: 'It is valid, or something stored can renew it; of one of the hub itself: the grant has not ended.',
    },
    EXPIRED: { description: 'Its access token has expired and nothing stored can renew it.' },
    REVOKED: { description: 'It was revoked, for good.' },
  },
});

export const ConnectionStateEnum = enumObject(CONNECTION_STATES);
registerEnumType(ConnectionStateEnum, {
  name: 'ConnectionState',
  description: 'Outcome of the last exchange with the provider. Others say: state.',
  valuesConfig: {
    DEFAULT: { description: 'There was none yet, or the settings have changed since.' },
    CONNECTED: { description: 'It succeeded.' },
    ERROR: { description: 'It failed; a valid access token from before stays usable.' },
  },
});

export const RevocationOutcomeEnum = enumObject(REVOCATION_OUTCOMES);
registerEnumType(RevocationOutcomeEnum, {
  name: 'RevocationOutcome',
  description: 'What became of a revocation.',
  valuesConfig: {
    REVOKED_AT_PROVIDER: { description: 'The provider has revoked it (RFC 7009).' },
    REVOKED_LOCALLY: {
      description: 'Only the hub has: the provider offers no revocation, or there was nothing to revoke.',
    },
    NOT_REVOKED_SHARED_GRANT: {
      description: 'The old credential was left alone: revoking it would end the new one too.',
    },
    PROVIDER_REFUSED: { description: 'Only the hub has: the provider refused.' },
    HOST_NOT_CONFIRMED: {
      description:
        'Revoked here only: the revocation endpoint has moved to a host that nobody has confirmed, see confirmHost of updateToken.',
    },
    PROVIDER_UNREACHABLE: {
      description: 'Only the hub has: the provider did not answer, and is asked again for a week.',
    },
  },
});
