/**
 * Whether a request is malformed in a way that some servers let through: TRACE, which `Request` does not know (RFC 9110,
 * 9.3.8: for a proxy's loop-back), credentials in the address, or a target that is not a path (RFC 9112, 3.2.2). Frameworks
 * respond 500 to the former two, and cut the latter up in different ways: to Fastify `http://x?/admin` is `/admin`.
 */
export function isMalformed({ method, url }: Request, target: string | null | undefined): boolean {
  if (method === 'TRACE' || /^[a-z][^:]*:\/\/[^/?#]*@/i.test(url)) return true
  return typeof target === 'string' && !target.startsWith('/') && !(method === 'OPTIONS' && target === '*')
}
