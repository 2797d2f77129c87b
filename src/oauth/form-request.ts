import { authenticateClient, type OAuthClient } from './client-authentication.js';

/** Name and value as they stand before the encoding; a name may come more than once. */
export type FormField = readonly [name: string, value: string];

/** An `EgressRequest` whose body is a form. */
export interface FormRequest {
  url: string;
  method: 'POST';
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * A POST of form fields to an endpoint of the provider at which the client authenticates.
 *
 * @throws UserError when the client cannot authenticate as it is set up
 * @see RFC 6749 §2.3 and Appendix B
 */
export function formRequest(url: string, fields: readonly FormField[], client: OAuthClient): FormRequest {
  const authentication = authenticateClient(client);
  const body = new URLSearchParams();
  for (const [name, value] of [...fields, ...authentication.fields]) body.append(name, value);
  return {
    url,
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...authentication.headers,
    },
    body: body.toString(),
  };
}
