import ipaddr from 'ipaddr.js';

/**
 * Who counts as one caller by address: an IPv4 address, or the /64 network of an IPv6 address, all of which one
 * subscriber holds.
 */
export function networkOf(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address instanceof ipaddr.IPv4) return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString()}/64`).toString();
}
