/**
 * Whether a request is malformed in a way that some servers let through: a method that no `Request` can be made with, an
 * invalid URL or one with credentials, or a target that is not a path (RFC 9112, 3.2.2). Frameworks respond with 500 to
 * the first two, and find different paths in the third: for Fastify `http://x?/admin` is `/admin`.
 */
export function isMalformed(request: Request, target: string | null | undefined): boolean {
  if (!isMadeByNode(request) && (isMethodOfServers(request.method) || !isUrl(request.url))) return true
  return (
    typeof target === 'string' && !target.startsWith('/') && !(request.method === 'OPTIONS' && target === '*')
  )
}

/** The servers of Deno, Bun and Workers make requests that the constructor of `Request` would refuse. Node has none. */
const ONLY_CONSTRUCTED =
  (globalThis as { process?: { release?: { name?: unknown } } }).process?.release?.name === 'node' &&
  !['Deno', 'Bun', 'WebSocketPair'].some((other) => other in globalThis)

/**
 * Whether the constructor has made it, which takes no such method, URL or credentials (Fetch, 5.4). Worth asking first:
 * Node serializes the URL at each reading, which costs as much as all else here.
 */
function isMadeByNode(request: Request): boolean {
  return ONLY_CONSTRUCTED && Object.getPrototypeOf(request) === Request.prototype
}

function isMethodOfServers(method: string): boolean {
  return /^(?:TRACE|TRACK|CONNECT)$/i.test(method)
}

function isUrl(url: string): boolean {
  return URL.canParse(url) && !/^[a-z][^:]*:\/\/[^/?#]*@/i.test(url)
}
