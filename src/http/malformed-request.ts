/**
 * Whether a request is malformed in a way that some servers let through: a method that no `Request` can be made with, an
 * address that is none or holds credentials, or a target that is not a path (RFC 9112, 3.2.2). Frameworks respond 500 to
 * the former, and cut the latter up in different ways: to Fastify `http://x?/admin` is `/admin`.
 */
export function isMalformed({ method, url }: Request, target: string | null | undefined): boolean {
  if (/^(?:TRACE|TRACK|CONNECT)$/i.test(method)) return true
  if (!URL.canParse(url) || /^[a-z][^:]*:\/\/[^/?#]*@/i.test(url)) return true
  return typeof target === 'string' && !target.startsWith('/') && !(method === 'OPTIONS' && target === '*')
}
