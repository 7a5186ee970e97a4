import { misconfigured } from './errors.ts'

const ADDRESS = /^[0-9a-f:.]{2,45}$/i

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
  const entry = entries.at(-trustProxy)?.trim()
  return entry !== undefined && entries.length >= trustProxy && ADDRESS.test(entry) ? entry : socketAddress
}

export function checkTrustProxy(hops: unknown): number {
  if (Number.isInteger(hops) && (hops as number) >= 0 && (hops as number) <= 16) return hops as number
  return misconfigured(
    '`trustProxy` is the number of proxies in front of the app, from 0 to 16; never `true`.',
  )
}
