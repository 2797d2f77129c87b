import { UserError, type UserProblem } from '../errors.js';
import type { GrantType } from '../provider/provider-enums.js';

/** What a person does about a token that the hub cannot renew by itself, to stand after a colon. */
export function renewalRemedy(grantType: GrantType): string {
  switch (grantType) {
    case 'REFRESH_TOKEN':
      return 'delete the token and import it anew.';
    case 'PASSWORD':
      return 'give the right user name and password with resetToken.';
    case 'CLIENT_CREDENTIALS':
      return 'mend its client, then use resetToken.';
    case 'AUTHORIZATION_CODE':
    case 'OIDC_HYBRID':
    case 'DEVICE_CODE':
    case 'JWT_BEARER':
      return 'connect it again with startAuthorization.';
  }
}

/** Of an answer that is stored, and in which the hub does not find what it asked for. */
export function unreadRemedy({ grantType }: { grantType: GrantType }): string {
  return (
    "It is kept, and nothing is sent again, as what was sent for it is spent. Check the provider's tokenEndpoint and " +
    'refreshEndpoint. refreshToken reads it again, as a newer version of the hub can; without one, ' +
    renewalRemedy(grantType)
  );
}

/** Of an answer that is stored, and that a fault keeps from becoming the credential. */
export function stuckRemedy({ grantType, name }: { grantType: GrantType; name: string }): string {
  return (
    `The provider has answered an earlier request for ${name}, and the hub cannot take the answer over: the log says ` +
    'why. It is tried again each minute, and nothing is sent meanwhile. If the operator cannot mend it, ' +
    renewalRemedy(grantType)
  );
}

/** @param field of the input that names the token */
export function revokedForGood({ name }: { name: string }, field = 'id'): UserError {
  return new UserError({
    code: 'DISABLED',
    field: [field],
    message: `${name} is revoked for good: request a new token.`,
  });
}

/** Nothing is asked for elsewhere of a token that the hub issues itself. @param field of the input that names it */
export function issuedHere({ name }: { name: string }, field = 'id'): UserError {
  const message = `The hub issues ${name} itself, and shows each new value once: use refreshToken or resetToken with this token alone.`;
  return new UserError({ code: 'NOT_SUPPORTED', field: [field], message });
}

/** What was in one answer is in no other. @param field of the input by which it was asked for again */
export function alreadyShown({ name }: { name: string }, field = 'idempotencyKey'): UserProblem {
  const message = `The access token of ${name} was in the first answer and is not shown again: have a new one made with refreshToken, unless its client keeps them readable (tokenStorage: RECOVERABLE).`;
  return { code: 'SECRET_ALREADY_SHOWN', field: [field], message };
}

/** Another owner of the token's requests came first, and has brought nothing yet. */
export function overtaken({ name }: { name: string }): UserError {
  const message = `Another request for ${name} was faster, and is still under way: repeat in a few seconds.`;
  return new UserError({ code: 'CONFLICT', field: ['id'], message });
}
