import { UserError } from '../errors.js';
import type { TokenEndpointAuthMethod } from '../provider/provider-enums.js';
import type { FormField } from './form-request.js';

/** The hub as a client of a provider. */
export interface OAuthClient {
  clientId: string;
  tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** Needed by the methods that send it. */
  clientSecret?: string | undefined;
}

/** What proves the client, in its one place: headers or form fields. */
export interface ClientAuthentication {
  headers: Readonly<Record<string, string>>;
  fields: readonly FormField[];
}

/**
 * One method excludes the other on the wire: with CLIENT_SECRET_BASIC the body holds neither client id nor secret,
 * with CLIENT_SECRET_POST there is no Authorization header, and NONE sends the client id alone.
 *
 * @throws UserError `REQUIRED` without the secret, `NOT_SUPPORTED` for a method that is not offered
 * @see RFC 6749 §2.3.1 and §3.2.1
 */
export function authenticateClient(client: OAuthClient): ClientAuthentication {
  const { clientId, tokenEndpointAuthMethod: method } = client;
  switch (method) {
    case 'CLIENT_SECRET_BASIC': {
      const credentials = `${formEncoded(clientId)}:${formEncoded(secretOf(client))}`;
      return { headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }, fields: [] };
    }
    case 'CLIENT_SECRET_POST': {
      const secret = secretOf(client);
      return {
        headers: {},
        fields: [
          ['client_id', clientId],
          ['client_secret', secret],
        ],
      };
    }
    case 'NONE':
      return { headers: {}, fields: [['client_id', clientId]] };
    case 'CLIENT_SECRET_JWT':
    case 'PRIVATE_KEY_JWT':
      throw new UserError({
        code: 'NOT_SUPPORTED',
        field: ['tokenEndpointAuthMethod'],
        message: `${method} is not offered yet: use CLIENT_SECRET_BASIC or CLIENT_SECRET_POST.`,
      });
  }
}

function secretOf({ clientSecret, tokenEndpointAuthMethod: method }: OAuthClient): string {
  if (clientSecret) return clientSecret;
  throw new UserError({
    code: 'REQUIRED',
    field: ['clientSecret'],
    message: `${method} needs the client secret that the provider gave: set it on the client.`,
  });
}

/** As a form encodes a value; without this a colon or a percent sign in an id or a secret changes what is read. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
