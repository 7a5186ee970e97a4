/**
 * Whether a request is malformed in a way that some servers let through: a method that no `Request` can be made with, an
 * invalid URL or one with credentials, or a target that is not a path (RFC 9112, 3.2.2). Frameworks respond with 500 to
 * the first two, and find different paths in the third: for Fastify `http://x?/admin` is `/admin`.
 */
export function isMalformed(request: Request, target: string | null | undefined): boolean {
  const { method } = request
  if (/^(?:TRACE|TRACK|CONNECT)$/i.test(method)) return true
  if (!isGenuine(request) && !isUrl(request.url)) return true
  return typeof target === 'string' && !target.startsWith('/') && !(method === 'OPTIONS' && target === '*')
}

/**
 * Whether the runtime has made it, which takes no invalid URL and no credentials (Fetch, 5.4). Some servers hand over an
 * object of their own. Node serializes the URL at each reading, which costs as much as all else here.
 */
function isGenuine(request: Request): boolean {
  return Object.getPrototypeOf(request) === Request.prototype
}

function isUrl(url: string): boolean {
  return URL.canParse(url) && !/^[a-z][^:]*:\/\/[^/?#]*@/i.test(url)
}
