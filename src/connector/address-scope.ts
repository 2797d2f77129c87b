import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Where an IP address leads: `FORBIDDEN` is never to be connected to, whatever the configuration says. */
export type AddressReach = 'PUBLIC' | 'PRIVATE' | 'FORBIDDEN';

export interface AddressScope {
  reach: AddressReach;
  /** In words, to complete "it is …". */
  description: string;
}

/**
 * Services of cloud platforms that hand credentials to whoever asks from the machine itself. Link-local ones are
 * forbidden by their range already; listed are also those within private, shared or public ranges.
 */
const METADATA_NETWORKS = [
  '169.254.169.254/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fd00:c1::a9fe:a9fe/128',
  'fd00:42::42/128',
].map((network) => ipaddr.parseCIDR(network));

/** IPv6 networks that carry an IPv4 destination in their last 32 bits. */
const EMBEDDING_NETWORKS = [
  '::ffff:0:0/96', // IPv4-mapped, RFC 4291 §2.5.5.2
  '::ffff:0:0:0/96', // IPv4-translated, RFC 2765
  '64:ff9b::/96', // NAT64, RFC 6052
].map((network) => ipaddr.IPv6.parseCIDR(network));

const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
const SIX_TO_FOUR = ipaddr.IPv6.parseCIDR('2002::/16');
const TEREDO = ipaddr.IPv6.parseCIDR('2001::/32');
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

const PRIVATE_RANGES: Readonly<Record<string, string>> = {
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
};

const SEVERITY: Readonly<Record<AddressReach, number>> = { PUBLIC: 0, PRIVATE: 1, FORBIDDEN: 2 };

/**
 * Judges an address in its canonical text form. An IPv6 address that stands for an IPv4 one (mapped, compatible,
 * translated, NAT64, 6to4, Teredo) is judged by what it carries. A NAT64 prefix that a network chose for itself
 * cannot be told from a public address.
 *
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function addressScope(address: string): AddressScope {
  if (isIP(address) === 0) return { reach: 'FORBIDDEN', description: 'not an IP address' };
  return scopeOf(ipaddr.parse(address));
}

function scopeOf(address: ipaddr.IPv4 | ipaddr.IPv6): AddressScope {
  if (METADATA_NETWORKS.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))) {
    return { reach: 'FORBIDDEN', description: 'a metadata address of a cloud platform' };
  }
  const range: string = address.range();
  const carried = address instanceof ipaddr.IPv6 ? carriedAddresses(address, range) : [];
  if (carried.length > 0) return carried.map(scopeOf).reduce(stricter);
  const privateRange = PRIVATE_RANGES[range];
  if (privateRange) return { reach: 'PRIVATE', description: privateRange };
  if (range !== 'unicast' || (address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST))) {
    return { reach: 'FORBIDDEN', description: `not a public address (${range === 'unicast' ? 'reserved' : range})` };
  }
  return { reach: 'PUBLIC', description: 'a public address' };
}

function carriedAddresses(address: ipaddr.IPv6, range: string): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  if (EMBEDDING_NETWORKS.some((network) => address.match(network))) return [new ipaddr.IPv4(bytes.slice(12))];
  if (address.match(SIX_TO_FOUR)) return [new ipaddr.IPv4(bytes.slice(2, 6))];
  if (address.match(TEREDO)) {
    // The client's address is stored inverted (RFC 4380 §4), the server's is not.
    return [new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff)), new ipaddr.IPv4(bytes.slice(4, 8))];
  }
  const hasOwnMeaning = range === 'loopback' || range === 'unspecified';
  return address.match(IPV4_COMPATIBLE) && !hasOwnMeaning ? [new ipaddr.IPv4(bytes.slice(12))] : [];
}

function stricter(left: AddressScope, right: AddressScope): AddressScope {
  return SEVERITY[right.reach] > SEVERITY[left.reach] ? right : left;
}
