/**
 * An IP address in the one spelling that URL parsers give it (RFC 5952), an IPv4 address as the IPv4-mapped IPv6
 * address that it is (RFC 4291, section 2.5.5.2). `null` for any other text.
 */
export function canonicalIp(text: string): string | null {
  const url = `http://[${/^\d+\./.test(text) ? '::ffff:' : ''}${text}]`
  return /^[\da-f:.]{2,45}$/i.test(text) && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : null
}

/**
 * The network that one client can choose its addresses from: the address itself for IPv4, the /64 for IPv6. A text that
 * is not an address is a network of its own.
 */
export function networkOf(address: string): string {
  // A zone names an interface of this machine: `fe80::1%eth0`.
  const ip = canonicalIp(address.replace(/%.*/, ''))
  if (!ip || /^::ffff:\w+:\w+$/.test(ip)) return ip ?? address
  const zeros = ':0'.repeat(9 - ip.split(':').length)
  return ip.replace('::', `${zeros}:`).split(':').slice(0, 4).join(':')
}
