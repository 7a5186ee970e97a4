/**
 * The subset of Node's `IncomingMessage` that we read, and so of Express's and Fastify's (`request.raw`)
 * requests.
 */
export interface IncomingLike {
  /** The HTTP method. Default `GET`. */
  readonly method?: string | undefined
  /** The request target, usually path and query. Default `/`. */
  readonly url?: string | undefined
  /** The target as it came, before a mounted router shortened it (Express) or the app rewrote it. */
  readonly originalUrl?: string | undefined
  /** Express only: what the routers that are mounted on the way have taken off `url`. */
  readonly baseUrl?: string | undefined
  /** Header names and values, alternating, as they were received. */
  readonly rawHeaders: readonly string[]
  /** The connection: the client's address, and whether it is TLS. */
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean | undefined }
}

interface DrainEmitter {
  on(event: 'drain', listener: () => void): DrainEmitter
  off(event: 'drain', listener: () => void): unknown
  emit(event: 'drain'): boolean
}

/**
 * The subset of Node's `ServerResponse` that we call, and so of Express's and Fastify's (`reply.raw`)
 * responses.
 */
export interface OutgoingLike extends DrainEmitter {
  /** The status, as set so far. */
  statusCode: number
  /** Whether the headers have been sent. */
  readonly headersSent: boolean
  /** Whether `end` has been called. */
  readonly writableEnded: boolean
  /** The names of the headers set so far. */
  getHeaderNames(): string[]
  /** The value of a header set so far, or `undefined`. */
  getHeader(name: string): number | string | readonly string[] | undefined
  /** Sets a header, replacing its earlier value. */
  setHeader(name: string, value: string | readonly string[]): unknown
  /** Removes a header. */
  removeHeader(name: string): void
  /** Closes the connection. */
  destroy(): unknown
  /** Sends the status line and headers. */
  writeHead(...args: unknown[]): unknown
  /** Sends the headers before any body. The types of HTTP/2 lack it, although it exists there. */
  flushHeaders?(...args: unknown[]): unknown
  /** Sends a chunk of the body. */
  write(...args: unknown[]): unknown
  /** Sends the last chunk, if any, and finishes the response. */
  end(...args: unknown[]): unknown
}

/**
 * Converts Node's request to a `Request` without its body, which belongs to the framework. Only the path and
 * query of the target are used: in `http://host/path` the client chooses the host.
 *
 * @throws TypeError for a malformed `Host`, and for methods that `Request` rejects: CONNECT, TRACE.
 */
export function toRequest({ method = 'GET', url, originalUrl, rawHeaders, socket }: IncomingLike): Request {
  const headers = new Headers()
  let authority: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    // HTTP/2 lists its pseudo headers here, and sends this one instead of `Host`.
    if (name === ':authority') authority = value
    else if (!name.startsWith(':')) headers.append(name, value)
  }
  const host = headers.get('host') ?? authority ?? 'localhost'
  const { origin } = new URL(`${socket.encrypted ? 'https' : 'http'}://${host}`)
  return new Request(origin + pathOf(originalUrl ?? url ?? '/'), { method, headers })
}

function pathOf(target: string): string {
  if (target.startsWith('/')) return target
  if (!URL.canParse(target)) return '/'
  const { pathname, search } = new URL(target)
  return pathname.startsWith('/') ? pathname + search : '/'
}

/**
 * The path as it was sent, not normalized, which Node's routers match, and the one that they match instead if the app has
 * rewritten it: `rewriteUrl` of Fastify, or middleware that sets `req.url`.
 */
export function pathsOf({ originalUrl, baseUrl = '', url = '/' }: IncomingLike): Paths {
  const target = withoutQuery(originalUrl ?? url)
  const routed = baseUrl + withoutQuery(url)
  // Express adds a slash where nothing is left of the path.
  return routed === target || routed === `${target}/` ? { target } : { target, rewritten: routed }
}

interface Paths {
  readonly target: string
  readonly rewritten?: string
}

const withoutQuery = (target: string): string => target.split('?', 1)[0] as string

/** Sends a `Response`, in addition to headers that are already set. Never rejects. */
export async function sendResponse(outgoing: OutgoingLike, response: Response): Promise<void> {
  try {
    writeResponse(outgoing, response, await bytesOf(response))
  } catch {
    outgoing.destroy()
  }
}

export async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}

/** Sends a `Response` whose body has been read, through the given `writeHead` and `end`. */
export function writeResponse(
  outgoing: OutgoingLike,
  { status, headers }: Response,
  body: Uint8Array,
  { writeHead, end }: Pick<OutgoingLike, 'writeHead' | 'end'> = outgoing,
): void {
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || name === 'vary') addHeader(outgoing, name, value)
    else outgoing.setHeader(name, value)
  }
  if (status !== 204) outgoing.setHeader('content-length', String(body.length))
  // The app's reason phrase belongs to another status. HTTP/2 has no reason phrase, and warns if it is
  // assigned.
  Reflect.deleteProperty(outgoing, 'statusMessage')
  writeHead.call(outgoing, status)
  end.call(outgoing, body)
}

/** `appendHeader`, which HTTP/2 lacks in some versions of Node. */
export function addHeader(outgoing: OutgoingLike, name: string, value: string | readonly string[]): void {
  const before = outgoing.getHeader(name)
  outgoing.setHeader(name, before === undefined ? value : [before, value].flat().map(String))
}
