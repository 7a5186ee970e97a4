import { misconfigured } from '../base/options.ts'

const V4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/
/** In brackets, with or without a port; or bare, and then with two colons at least. */
const V6 = /^(?:\[([\da-f:.]{2,45})\](?::\d+)?|([\da-f]*:[\da-f]*:[\da-f:.]{0,40}))$/i

/**
 * The client's address. `X-Forwarded-For` can be written by anybody; only the entries that our own proxies appended
 * mean something. With `trustProxy` hops in front of us it is the entry that the outermost of them appended.
 */
export function clientAddress(
  request: Request,
  socketAddress: string | undefined,
  trustProxy: number,
): string | undefined {
  if (trustProxy === 0) return socketAddress
  const entries = request.headers.get('x-forwarded-for')?.split(',') ?? []
  const entry = entries.at(-trustProxy)?.trim() ?? ''
  // Some proxies append the port as well: it is the client's to choose, and no part of the address.
  const [, ...found] = V4.exec(entry) ?? V6.exec(entry) ?? []
  return found.find((address) => address !== undefined) ?? socketAddress
}

export function checkTrustProxy(hops: unknown): number {
  if (Number.isInteger(hops) && (hops as number) >= 0 && (hops as number) <= 16) return hops as number
  return misconfigured(
    '`trustProxy` is the number of proxies in front of the app, from 0 to 16; never `true`.',
  )
}
