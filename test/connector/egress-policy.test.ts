import { describe, expect, it } from '@jest/globals';
import { EgressError } from '../../src/connector/egress-error.js';
import { checkAddress, checkDestination, checkUrl, type EgressPolicy } from '../../src/connector/egress-policy.js';

const PUBLIC_ONLY: EgressPolicy = { allowPrivateNetwork: false };
const WITH_PRIVATE: EgressPolicy = { allowPrivateNetwork: true };

function refusalOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(EgressError);
    expect(error).toMatchObject({ kind: 'REFUSED', requestSent: false, transient: false });
    return (error as EgressError).message;
  }
  return 'not refused';
}

describe('checkUrl', () => {
  describe.each([
    ['public only', PUBLIC_ONLY],
    ['private network allowed', WITH_PRIVATE],
  ])('%s', (_name, policy) => {
    it.each([
      ['https://login.example.com', 'https://login.example.com/'],
      ['https://login.example.com/oauth/token?tenant=1', 'https://login.example.com/oauth/token?tenant=1'],
      ['HTTPS://Login.Example.COM:443/a', 'https://login.example.com/a'],
      ['https://login.example.com:8443/', 'https://login.example.com:8443/'],
      ['https://8.8.8.8/token', 'https://8.8.8.8/token'],
      ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
      ['https://[::ffff:8.8.8.8]/', 'https://[::ffff:808:808]/'],
      ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
      ['https://my_tenant.example.com/', 'https://my_tenant.example.com/'],
      ['https://example.com/path@with:signs', 'https://example.com/path@with:signs'],
    ])('lets %s pass', (url, expected) => {
      expect(checkUrl(url, policy).href).toBe(expected);
    });

    it.each([
      ['', 'cannot be read'],
      ['login.example.com', 'cannot be read'],
      ['//login.example.com', 'cannot be read'],
      ['https://', 'cannot be read'],
      ['https://exa mple.com/', 'must not contain spaces'],
      [' https://example.com/', 'must not contain spaces'],
      ['https://example.com/\n', 'control characters'],
      ['https://exa\tmple.com/', 'control characters'],
      ['https://example.com/\u0000', 'control characters'],
      ['https://example.com\\@evil.example/', 'backslashes'],
      ['ftp://example.com/', 'must start with https://'],
      ['file:///etc/passwd', 'must start with https://'],
      ['javascript:alert(1)', 'must start with https://'],
      ['data:application/json,{}', 'must start with https://'],
      ['https://user@example.com/', 'user name or password'],
      ['https://user:word@example.com/', 'user name or password'],
      ['https://:word@example.com/', 'user name or password'],
      ['https://example.com/#fragment', 'fragment'],
      ['https://example.com/#', 'fragment'],
      ['https://example.com./', 'must not end with a dot'],
      ['https://example.com../', 'no valid host name'],
      ['https://-example.com/', 'no valid host name'],
      ['https://{tenant}.example.com/', 'no valid host name'],
      ['https://*.example.com/', 'no valid host name'],
      ["https://a'b.example.com/", 'no valid host name'],
      [`https://${'a.'.repeat(200)}example.com/`, 'no valid host name'],
      [`https://example.com/${'a'.repeat(9000)}`, 'longer than'],
      ['http://8.8.8.8/', policy.allowPrivateNetwork ? 'Plain http' : 'must start with https://'],
      ['https://8.8.8.8:22/', 'Port 22'],
      ['https://169.254.169.254/latest/meta-data/', 'metadata'],
      ['https://0xa9fea9fe/', 'metadata'],
      ['https://[::ffff:169.254.169.254]/', 'metadata'],
      ['https://[fd00:ec2::254]/', 'metadata'],
      ['https://100.100.100.200/', 'metadata'],
      ['https://169.254.1.1/', 'linkLocal'],
      ['https://[fe80::1]/', 'linkLocal'],
      ['https://0.0.0.0/', 'unspecified'],
      ['https://0/', 'unspecified'],
      ['https://[::]/', 'unspecified'],
      ['https://100.64.0.1/', 'carrierGradeNat'],
      ['https://255.255.255.255/', 'broadcast'],
      ['https://[ff02::1]/', 'multicast'],
    ])('refuses %p: %s', (url, reason) => {
      expect(refusalOf(() => checkUrl(url, policy))).toContain(reason);
    });

    it('never repeats what may be secret', () => {
      const urls = [
        'https://admin:hunter2@example.com/?key=hunter2#hunter2',
        'https://example.com:99999/hunter2?key=hunter2',
        'ftp://example.com/hunter2?key=hunter2',
        'https://10.0.0.256/hunter2',
        'https://169.254.169.254/hunter2?hunter2',
      ];
      for (const url of urls) {
        try {
          checkUrl(url, policy);
          throw new Error(`${url} passed`);
        } catch (error) {
          expect((error as Error).message).not.toContain('hunter2');
          expect((error as Error).cause).toBeUndefined();
        }
      }
    });
  });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0x7f.1/',
    'https://127.0.0.1./',
    'https://%31%32%37.0.0.1/',
    'https://１２７.０.０.１/',
    'https://127。0。0。1/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://[2002:7f00:1::]/',
    'https://10.0.0.1/',
    'https://192.168.0.1/',
    'https://172.16.0.1/',
    'https://[fd12:3456::1]/',
    'https://localhost/',
    'https://LOCALHOST/',
    'https://idp.localhost/',
    'https://localhost.localdomain/',
  ])('refuses %s unless the private network is allowed', (url) => {
    expect(refusalOf(() => checkUrl(url, PUBLIC_ONLY))).toContain('HUB_ALLOW_PRIVATE_NETWORK=true');
    expect(checkUrl(url, WITH_PRIVATE).protocol).toBe('https:');
  });

  it.each([
    'http://localhost:4444/',
    'http://127.0.0.1:1/',
    'http://[::1]:65535/',
    'http://10.1.2.3/',
    'http://idp.test/',
  ])('lets plain http %s pass only when the private network is allowed', (url) => {
    expect(refusalOf(() => checkUrl(url, PUBLIC_ONLY))).toContain('must start with https://');
    expect(checkUrl(url, WITH_PRIVATE).protocol).toBe('http:');
  });

  it.each([80, 22, 25, 3306, 6379, 8080])('refuses port %d unless the private network is allowed', (port) => {
    const url = `https://idp.example.com:${port}/`;
    expect(refusalOf(() => checkUrl(url, PUBLIC_ONLY))).toContain('Allowed are 443, 8443, 9443');
    expect(checkUrl(url, WITH_PRIVATE).port).toBe(String(port));
  });

  it('takes another list of ports', () => {
    const policy = { allowPrivateNetwork: false, allowedPorts: [4443] };
    expect(checkUrl('https://example.com:4443/', policy).port).toBe('4443');
    expect(refusalOf(() => checkUrl('https://example.com/', policy))).toContain('Port 443');
  });
});

describe('checkAddress', () => {
  it.each([
    ['8.8.8.8', 'PUBLIC', 'PUBLIC'],
    ['64:ff9b::8.8.8.8', 'PUBLIC', 'PUBLIC'],
    ['127.0.0.1', 'refused', 'PRIVATE'],
    ['10.0.0.1', 'refused', 'PRIVATE'],
    ['fd00::1', 'refused', 'PRIVATE'],
    ['::ffff:192.168.0.1', 'refused', 'PRIVATE'],
    ['100.64.0.1', 'refused', 'refused'],
    ['169.254.169.254', 'refused', 'refused'],
    ['fd00:ec2::254', 'refused', 'refused'],
    ['0.0.0.0', 'refused', 'refused'],
    ['not an address', 'refused', 'refused'],
  ])('%s: %s by default, %s with the private network', (address, byDefault, withPrivate) => {
    const outcome = (policy: EgressPolicy) => {
      try {
        return checkAddress(address, policy).reach;
      } catch (error) {
        expect(error).toMatchObject({ kind: 'REFUSED' });
        return 'refused';
      }
    };
    expect([outcome(PUBLIC_ONLY), outcome(WITH_PRIVATE)]).toEqual([byDefault, withPrivate]);
  });
});

describe('checkDestination', () => {
  it.each([
    ['http://idp.example.com/', '8.8.8.8', 'Plain http to idp.example.com is refused'],
    ['https://idp.example.com:8080/', '8.8.8.8', 'Port 8080 of idp.example.com is refused'],
    ['http://idp.example.com/', '169.254.169.254', 'idp.example.com at 169.254.169.254 is refused'],
    ['https://idp.example.com/', '100.64.0.1', 'idp.example.com at 100.64.0.1 is refused'],
    ['http://idp.example.com:8080/', '10.0.0.1', 'not refused'],
    ['https://idp.example.com/', '10.0.0.1', 'not refused'],
    ['https://idp.example.com/', '8.8.8.8', 'not refused'],
  ])('with the private network allowed, %s at %s: %s', (url, address, outcome) => {
    expect(refusalOf(() => checkDestination(new URL(url), address, WITH_PRIVATE))).toContain(outcome);
  });

  it('names the host whose address is private', () => {
    const refusal = refusalOf(() => checkDestination(new URL('https://idp.example.com/'), '10.0.0.1', PUBLIC_ONLY));
    expect(refusal).toContain('idp.example.com at 10.0.0.1 is refused: it is a private address');
  });
});
