import { describe, expect, it } from '@jest/globals';
import { networkOf } from '../../src/throttle/network-of.js';

describe('networkOf', () => {
  it.each([
    { ip: '192.0.2.7', network: '192.0.2.7' },
    { ip: '::ffff:192.0.2.7', network: '192.0.2.7' },
    { ip: '2001:db8:1:2:3:4:5:6', network: '2001:db8:1:2::' },
    { ip: '2001:db8:1:2::1', network: '2001:db8:1:2::' },
    { ip: '2001:db8:1:3::1', network: '2001:db8:1:3::' },
    { ip: 'fe80::1%eth0', network: 'fe80::' },
    { ip: '::1', network: '::' },
    { ip: 'nonsense', network: 'unknown' },
    { ip: null, network: 'unknown' },
  ])('takes $ip for $network', ({ ip, network }) => {
    expect(networkOf(ip)).toBe(network);
  });
});
