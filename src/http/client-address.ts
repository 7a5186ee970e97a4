import { misconfigured } from '../base/options.ts'
import { canonicalIp } from './ip-address.ts'

/** With brackets around IPv6 and with a port, as some proxies append it: the port is the client's to choose. */
const BRACKETS_AND_PORT = /^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/

/**
 * The client's address. Any client can send `X-Forwarded-For`; only the entries that our own proxies appended
 * count. With `trustProxy` hops in front of us it is the entry that the outermost of them appended.
 */
export function clientAddress(
  request: Request,
  socketAddress: string | undefined,
  trustProxy: number,
): string | undefined {
  if (trustProxy === 0) return socketAddress
  const entries = request.headers.get('x-forwarded-for')?.split(',') ?? []
  const entry = entries.at(-trustProxy)?.trim() ?? ''
  const address = entry.replace(BRACKETS_AND_PORT, '$1$2')
  return canonicalIp(address) ? address : socketAddress
}

export function checkTrustProxy(hops: unknown): number {
  if (Number.isInteger(hops) && (hops as number) >= 0 && (hops as number) <= 16) return hops as number
  return misconfigured(
    '`trustProxy` must be the number of proxies in front of the app, from 0 to 16; never `true`.',
  )
}
