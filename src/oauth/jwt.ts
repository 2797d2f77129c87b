import { isJsonObject, type JsonObject, parseJson } from './answer-body.js';

/** What a signed JWT says. Nothing here is verified. */
export interface DecodedJwt {
  header: JsonObject;
  claims: JsonObject;
}

/**
 * @returns undefined for what is no signed JWT in compact form, such as an opaque or an encrypted token
 * @see RFC 7515 §7.1, RFC 7519 §7.2
 */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const [header, claims] = parts.slice(0, 2).map((part) => parseJson(Buffer.from(part, 'base64url').toString()));
  return isJsonObject(header) && isJsonObject(claims) ? { header, claims } : undefined;
}
