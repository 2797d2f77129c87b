import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EgressRequest } from '../../src/connector/egress-request.js';
import { exchangeRecord, requestSecrets } from '../../src/oauth/exchange-record.js';
import { tokenRequest, type TokenRequest } from '../../src/oauth/token-request.js';
import { userinfoRequest } from '../../src/oauth/userinfo.js';
import { anAnswer } from './answers.js';

const REQUEST: TokenRequest = {
  provider: { tokenEndpoint: 'https://idp.example.com/token?t=1', refreshEndpoint: null, scopeSeparator: ' ' },
  client: { clientId: 'id', clientSecret: 'client-secret', tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' },
  grant: { grantType: 'REFRESH_TOKEN', refreshToken: 'refresh-token' },
};

function curlOf(request: EgressRequest, tokenParameters: TokenRequest['tokenParameters'] = []): string {
  return exchangeRecord({ request, answer: null, durationMs: 0, tokenParameters }).curl;
}

/** The arguments that a real shell would give to curl. */
async function argumentsOf(curl: string): Promise<string[]> {
  const script = `curl() { printf '%s\\0' "$@"; }\n${curl}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script]);
  return stdout.split('\0').slice(0, -1);
}

describe('exchangeRecord', () => {
  it('gives the command that sends the same, with lengths for secrets', () => {
    expect(curlOf(tokenRequest(REQUEST))).toBe(
      [
        "curl --request 'POST'",
        "--header 'user-agent: integration-hub'",
        "--header 'accept: application/json'",
        "--header 'content-type: application/x-www-form-urlencoded'",
        "--header 'accept-encoding: identity'",
        "--data-urlencode 'grant_type=refresh_token'",
        "--data-urlencode 'refresh_token=[redacted 13]'",
        "--data-urlencode 'client_id=id'",
        "--data-urlencode 'client_secret=[redacted 13]'",
        "--url 'https://idp.example.com/token?t=1'",
      ].join(' \\\n  '),
    );
  });

  it('shows the scheme of an Authorization header and no more', () => {
    const client = { ...REQUEST.client, tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' } as const;
    const basic = curlOf(tokenRequest({ ...REQUEST, client }));
    expect(basic).toContain("--header 'authorization: Basic [redacted 24]'");
    expect(basic).not.toContain('client_secret');
    const bearer = curlOf(userinfoRequest('https://idp.example.com/me', 'access-token'));
    expect(bearer).toContain("--header 'authorization: Bearer [redacted 12]'");
    expect(bearer).toContain("--request 'GET'");
    expect(bearer).not.toContain('--data');
  });

  it('shows extra parameters that are not secret', () => {
    const tokenParameters = [
      { name: 'audience', value: 'https://api.example.com/', secret: false },
      { name: 'api_key', value: 'secret-key', secret: true },
    ];
    const curl = curlOf(tokenRequest({ ...REQUEST, tokenParameters }), tokenParameters);
    expect(curl).toContain("--data-urlencode 'audience=https://api.example.com/'");
    expect(curl).toContain("--data-urlencode 'api_key=[redacted 10]'");
  });

  it('shows no field of the protocol because a parameter has its name', () => {
    const tokenParameters = [{ name: 'client_secret', value: 'x', secret: false }];
    expect(curlOf(tokenRequest({ ...REQUEST, tokenParameters }), tokenParameters)).not.toContain('client-secret');
  });

  it.each(["it's", "'; rm -rf / #", '$(id) `id` $HOME \\ " !', '--next', '@/etc/passwd', '100% =& ü'])(
    'is one argument to a shell whatever a value holds: %s',
    async (value) => {
      const tokenParameters = [{ name: 'x y', value, secret: false }];
      const provider = {
        ...REQUEST.provider,
        tokenEndpoint: `https://idp.example.com/?q=${encodeURIComponent(value)}'`,
      };
      const request = tokenRequest({ ...REQUEST, provider, tokenParameters });
      const given = await argumentsOf(curlOf(request, tokenParameters));
      expect(given).toContain(`x%20y=${value}`);
      expect(given.at(-1)).toBe(request.url);
    },
  );

  it('lets no control character reach a terminal', () => {
    const tokenParameters = [{ name: 'x', value: 'a\u001b[2J\nb', secret: false }];
    expect(curlOf(tokenRequest({ ...REQUEST, tokenParameters }), tokenParameters)).toContain("'x=[redacted 7]'");
  });

  it('has the answer, redacted, and the time', () => {
    const answer = anAnswer({ error: 'invalid_grant', error_description: 'refresh-token is old' }, { status: 400 });
    const record = exchangeRecord({ request: tokenRequest(REQUEST), answer, durationMs: 12.6 });
    expect(record).toMatchObject({ httpStatus: 400, durationMs: 13 });
    expect(JSON.parse(record.responseBody ?? '')).toEqual({
      error: 'invalid_grant',
      error_description: '[redacted 13] is old',
    });
  });

  it('has no answer when none came', () => {
    const record = exchangeRecord({ request: tokenRequest(REQUEST), answer: null, durationMs: 1 });
    expect(record).toMatchObject({ httpStatus: null, responseBody: null });
  });
});

describe('requestSecrets', () => {
  it('finds those in the body', () => {
    expect(requestSecrets(tokenRequest(REQUEST))).toEqual(['refresh-token', 'client-secret']);
  });

  it('finds those in the header, encoded and plain', () => {
    const client = { clientId: 'i:d', clientSecret: 's e:c%', tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' } as const;
    const secrets = requestSecrets(tokenRequest({ ...REQUEST, client }));
    expect(secrets).toEqual(['refresh-token', Buffer.from('i%3Ad:s+e%3Ac%25').toString('base64'), 's e:c%']);
    expect(requestSecrets(userinfoRequest('https://idp.example.com/me', 'AT'))).toEqual(['AT']);
  });
});
