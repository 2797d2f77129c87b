import { describe, expect, it } from '@jest/globals';
import { addressScope } from '../../src/connector/address-scope.js';

describe('addressScope', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2001:4860:4860::8888',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])('calls %s public', (address) => {
    expect(addressScope(address).reach).toBe('PUBLIC');
  });

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '::1',
    'fc00::1',
    'fdff:ffff::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0:10.0.0.1',
    '::127.0.0.1',
    '::a00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2002:c0a8:101::1',
    '2001:0:808:808:0:0:f5ff:fffe', // Teredo client 10.0.0.1
    '2001:0:a00:1:0:0:f7f7:f7f7', // Teredo server 10.0.0.1
  ])('calls %s private', (address) => {
    expect(addressScope(address).reach).toBe('PRIVATE');
  });

  it.each([
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['100.64.0.1', 'carrierGradeNat'],
    ['169.254.0.1', 'linkLocal'],
    ['fe80::1', 'linkLocal'],
    ['fe80::1%eth0', 'linkLocal'],
    ['198.18.0.1', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['198.51.100.1', 'reserved'],
    ['203.0.113.1', 'reserved'],
    ['192.0.0.1', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['fec0::1', 'deprecatedSiteLocal'],
    ['100::1', 'discard'],
    ['2001:2::1', 'benchmarking'],
    ['2001:db8::1', 'reserved'],
    ['3fff::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['64:ff9b:1::8.8.8.8', 'rfc6052'],
    ['::ffff:0.0.0.0', 'unspecified'],
    ['::ffff:100.64.0.1', 'carrierGradeNat'],
    ['2002:e000:1::1', 'multicast'],
  ])('forbids %s as %s', (address, range) => {
    expect(addressScope(address)).toEqual({ reach: 'FORBIDDEN', description: `not a public address (${range})` });
  });

  it.each([
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:ec2:0:0::23',
    'fd20:ce::254',
    'fd00:c1::a9fe:a9fe',
    'fd00:42::42',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    '2001:0:808:808:0:0:5601:5601', // Teredo client 169.254.169.254
  ])('forbids the metadata address %s', (address) => {
    expect(addressScope(address)).toEqual({
      reach: 'FORBIDDEN',
      description: 'a metadata address of a cloud platform',
    });
  });

  it.each(['', 'localhost', '127.1', '0177.0.0.1', '2130706433', '0x7f000001', '10.0.0.1/8', '[::1]', ' 8.8.8.8'])(
    'forbids %p, which is no address in canonical form',
    (address) => {
      expect(addressScope(address)).toEqual({ reach: 'FORBIDDEN', description: 'not an IP address' });
    },
  );
});
