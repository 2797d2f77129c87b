import { describe, expect, it } from '@jest/globals';
import { type Config, loadConfig } from '../src/config.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

function problemOf(name: string, value: string): string {
  try {
    loadConfig({ [name]: value });
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[1] ?? '').trim() : '';
  }
  return 'accepted';
}

describe('the value of a variable', () => {
  it.each([
    ['PORT', '-1', 'PORT: is not a port'],
    ['PORT', '65536', 'PORT: is not a port'],
    ['PORT', '4e3', 'PORT: is not a port'],
    ['PORT', '0x50', 'PORT: is not a port'],
    ['HOST', '[::1]', 'HOST: is not a host'],
    ['HOST', 'localhost:80', 'HOST: is not a host'],
    ['PUBLIC_URL', 'hub.example.com', 'PUBLIC_URL: is not an absolute web address'],
    ['PUBLIC_URL', 'ftp://hub.example.com', 'PUBLIC_URL: is not an absolute web address'],
    ['PUBLIC_URL', 'https:hub.example.com', 'PUBLIC_URL: is not an absolute web address'],
    ['PUBLIC_URL', 'https:\\\\hub.example.com', 'PUBLIC_URL: is not an absolute web address'],
    ['PUBLIC_URL', 'https://hub.exa\nmple.com', 'PUBLIC_URL: is not an absolute web address'],
    ['PUBLIC_URL', 'https://hub.example.com:99999', 'PUBLIC_URL: is not an absolute web address'],
    ['PUBLIC_URL', 'https://hub.example.com/base', 'PUBLIC_URL: has a path'],
    ['PUBLIC_URL', 'https://hub.example.com?x', 'PUBLIC_URL: has a query'],
    ['PUBLIC_URL', 'https://me:pw@hub.example.com', 'PUBLIC_URL: has a user name'],
    ['HUB_MASTER_KEY', 'not base64!', 'HUB_MASTER_KEY: key 1 of 1 is not base64'],
    ['HUB_MASTER_KEY', `${KEY},AAAA`, 'HUB_MASTER_KEY: key 2 of 2 has 3 bytes'],
    ['HUB_MASTER_KEY', `${KEY},${KEY}`, 'HUB_MASTER_KEY: key 2 repeats key 1'],
    ['HUB_ADMIN_EMAIL', 'admin', 'HUB_ADMIN_EMAIL: is not an e-mail address'],
    ['HUB_ADMIN_EMAIL', `${'a'.repeat(250)}@example.com`, 'HUB_ADMIN_EMAIL: is too long'],
    ['HUB_ADMIN_PASSWORD', 'elevenchars', 'HUB_ADMIN_PASSWORD: needs 12 to 200 characters'],
    ['HUB_ADMIN_PASSWORD', '🔑🔑🔑🔑🔑🔑', 'HUB_ADMIN_PASSWORD: needs 12 to 200 characters'],
    ['HUB_ADMIN_PASSWORD', 'x'.repeat(201), 'HUB_ADMIN_PASSWORD: needs 12 to 200 characters'],
    ['HUB_ADMIN_PASSWORD', 'twelve and a space ', 'HUB_ADMIN_PASSWORD: begins or ends with white space'],
    ['HUB_ALLOW_PRIVATE_NETWORK', 'TRUE', 'HUB_ALLOW_PRIVATE_NETWORK: is neither true nor false'],
    ['HUB_ALLOW_PRIVATE_NETWORK', '1', 'HUB_ALLOW_PRIVATE_NETWORK: is neither true nor false'],
    ['HUB_ALLOWED_ORIGINS', '*', 'HUB_ALLOWED_ORIGINS, entry 1: has a wildcard'],
    ['HUB_ALLOWED_ORIGINS', 'https://a.example,https://*.b.example', 'HUB_ALLOWED_ORIGINS, entry 2: has a wildcard'],
    ['HUB_ALLOWED_ORIGINS', 'https://a.example,', 'HUB_ALLOWED_ORIGINS, entry 2: is not an absolute web address'],
    ['HUB_ALLOWED_ORIGINS', 'null', 'HUB_ALLOWED_ORIGINS, entry 1: is not an absolute web address'],
    ['HUB_ALLOWED_ORIGINS', 'https://a.example/app', 'HUB_ALLOWED_ORIGINS, entry 1: has a path'],
    ['HUB_RETURN_URLS', '/done', 'HUB_RETURN_URLS, entry 1: is not an absolute web address'],
    ['HUB_RETURN_URLS', 'javascript:alert(1)', 'HUB_RETURN_URLS, entry 1: is not an absolute web address'],
    ['HUB_RETURN_URLS', 'https://a.example/#x', 'HUB_RETURN_URLS, entry 1: has a query or a fragment'],
    ['HUB_TRUST_PROXY', 'true', 'HUB_TRUST_PROXY, entry 1: is true, which would trust anybody'],
    ['HUB_TRUST_PROXY', '1', 'HUB_TRUST_PROXY, entry 1: is not an address or range'],
    ['HUB_TRUST_PROXY', 'loopback', 'HUB_TRUST_PROXY, entry 1: is not an address or range'],
    ['HUB_TRUST_PROXY', '10.0.0.1,010.0.0.1', 'HUB_TRUST_PROXY, entry 2: is not an address or range'],
    ['HUB_TRUST_PROXY', '10.0.0.0/33', 'HUB_TRUST_PROXY, entry 1: is not an address or range'],
    ['HUB_TRUST_PROXY', '10.0.0.0/8/8', 'HUB_TRUST_PROXY, entry 1: is not an address or range'],
    ['HUB_TRUST_PROXY', 'fe80::1%eth0', 'HUB_TRUST_PROXY, entry 1: is not an address or range'],
    ['HUB_TRUST_PROXY', '0.0.0.0/0', 'HUB_TRUST_PROXY, entry 1: is a range of all addresses'],
    ['HUB_TRUST_PROXY', '::/0', 'HUB_TRUST_PROXY, entry 1: is a range of all addresses'],
    ['HUB_TRUST_PROXY', 'false,10.0.0.1', 'HUB_TRUST_PROXY: has false beside addresses'],
    ['HUB_LOG_LEVEL', 'INFO', 'HUB_LOG_LEVEL: is not a level. Write one of fatal, error, warn'],
  ])('%s = %j is refused: %s', (name, value, problem) => {
    expect(problemOf(name, value)).toContain(problem);
  });

  it('reports each wrong entry of a list', () => {
    const env = { HUB_ALLOWED_ORIGINS: '*,https://a.example,b' };
    expect(() => loadConfig(env)).toThrow(/2 problems(.|\n)*entry 1(.|\n)*entry 3/);
  });

  it.each<[string, string, keyof Config, unknown]>([
    ['PORT', ' 4001 ', 'port', 4001],
    ['HOST', 'hub_backend', 'host', 'hub_backend'],
    ['PUBLIC_URL', 'http://[::1]:4000', 'publicUrl', 'http://[::1]:4000'],
    ['PUBLIC_URL', 'https://hub.example.com:8443/', 'publicUrl', 'https://hub.example.com:8443'],
    ['HUB_ALLOW_PRIVATE_NETWORK', 'false', 'allowPrivateNetwork', false],
    ['HUB_TRUST_PROXY', 'false', 'trustProxy', false],
    ['HUB_TRUST_PROXY', '127.0.0.1', 'trustProxy', ['127.0.0.1']],
    ['HUB_LOG_LEVEL', 'silent', 'logLevel', 'silent'],
  ])('%s = %j is accepted', (name, value, field, read) => {
    expect(loadConfig({ [name]: value })[field]).toEqual(read);
  });
});
