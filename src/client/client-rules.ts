import { UserError, type UserProblem } from '../errors.js';
import type { TokenEndpointAuthMethod } from '../provider/provider-enums.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { ClientEntity } from './client.entity.js';

type Checked = Pick<ClientEntity, 'grantTypes' | 'tokenEndpointAuthMethod'>;

/** @throws UserError that names every setting with which the client could not work at its provider */
export function checkClient(
  client: Checked,
  provider: ProviderEntity,
  hasSecret: boolean,
  path: readonly string[] = [],
): void {
  const problems = [...grantProblems(client, provider), ...secretProblems(client, hasSecret)];
  if (problems.length > 0)
    throw new UserError(problems.map((each) => ({ ...each, field: [...path, ...(each.field ?? [])] })));
}

/** Whether the hub sends the client's secret, or something made with it. */
export function needsSecret(method: TokenEndpointAuthMethod): boolean {
  return method === 'CLIENT_SECRET_BASIC' || method === 'CLIENT_SECRET_POST';
}

/** Grant types without which the client is of no use, or that its provider does not allow. */
export function grantProblems({ grantTypes }: Pick<Checked, 'grantTypes'>, provider: ProviderEntity): UserProblem[] {
  const field = ['grantTypes'];
  if (grantTypes.length === 0) return [{ code: 'REQUIRED', field, message: 'Give at least one grant type.' }];
  const refused = grantTypes.filter((grant) => !provider.grantTypes.includes(grant));
  if (refused.length === 0) return [];
  const message = `${provider.name} does not allow ${refused.join(', ')}: it allows ${provider.grantTypes.join(', ')}.`;
  return [{ code: 'INVALID', field, message }];
}

function secretProblems({ grantTypes, tokenEndpointAuthMethod: method }: Checked, hasSecret: boolean): UserProblem[] {
  const aboutMethod = (code: UserProblem['code'], message: string): UserProblem[] => [
    { code, field: ['tokenEndpointAuthMethod'], message },
  ];
  const aboutSecret = (code: UserProblem['code'], message: string): UserProblem[] => [
    { code, field: ['clientSecret'], message },
  ];
  switch (method) {
    case 'CLIENT_SECRET_BASIC':
    case 'CLIENT_SECRET_POST':
      return hasSecret ? [] : aboutSecret('REQUIRED', `${method} needs the client secret that the provider gave.`);
    case 'NONE':
      if (hasSecret)
        return aboutSecret('INVALID', 'NONE sends no secret: leave it out, or choose a method that uses it.');
      if (!grantTypes.includes('CLIENT_CREDENTIALS')) return [];
      return aboutMethod(
        'INVALID',
        'CLIENT_CREDENTIALS is for clients that prove themselves (RFC 6749 §4.4): choose another method, or leave out the grant type.',
      );
    case 'CLIENT_SECRET_JWT':
    case 'PRIVATE_KEY_JWT':
      return aboutMethod(
        'NOT_SUPPORTED',
        `${method} is not offered yet: use CLIENT_SECRET_BASIC or CLIENT_SECRET_POST.`,
      );
  }
}
