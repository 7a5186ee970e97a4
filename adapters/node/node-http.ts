/** What is used of Node's `IncomingMessage`, and so of Express's and Fastify's (`request.raw`) requests. */
export interface IncomingLike {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Express, under a mounted router: the path before it was cut. */
  readonly originalUrl?: string | undefined
  readonly rawHeaders: readonly string[]
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean | undefined }
}

interface DrainEmitter {
  on(event: 'drain', listener: () => void): DrainEmitter
  off(event: 'drain', listener: () => void): unknown
  emit(event: 'drain'): boolean
}

/** What is used of Node's `ServerResponse`, and so of Express's and Fastify's (`reply.raw`) responses. */
export interface OutgoingLike extends DrainEmitter {
  statusCode: number
  readonly headersSent: boolean
  readonly writableEnded: boolean
  getHeaderNames(): string[]
  getHeader(name: string): number | string | readonly string[] | undefined
  setHeader(name: string, value: string | readonly string[]): unknown
  removeHeader(name: string): void
  destroy(): unknown
  writeHead(...args: unknown[]): unknown
  /** HTTP/2 has it, and its types do not. */
  flushHeaders?(...args: unknown[]): unknown
  write(...args: unknown[]): unknown
  end(...args: unknown[]): unknown
}

/**
 * The request without its body, which belongs to the framework. Of the target only the path is taken: in
 * `http://host/path` the client would name a host of its own.
 *
 * @throws TypeError for a malformed `Host`, and for methods that `Request` refuses: CONNECT, TRACE.
 */
export function toRequest({ method = 'GET', url, originalUrl, rawHeaders, socket }: IncomingLike): Request {
  const headers = new Headers()
  let authority: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const value = rawHeaders[i + 1] as string
    // HTTP/2 has its pseudo headers among them, and this one in place of `Host`.
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

/** The path as it came, not resolved: what routers of Node go by. In the absolute form, what follows the authority. */
export function targetPath({ originalUrl, url }: IncomingLike): string {
  const [path = ''] = (originalUrl ?? url ?? '/').split('?')
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '')
}

/** Answers by a `Response`, beside headers that are set already. Never rejects. */
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

/** The same with a body that has been read, by these functions of the response. */
export function writeResponse(
  outgoing: OutgoingLike,
  { status, headers }: Response,
  body: Uint8Array,
  { writeHead, end }: Pick<OutgoingLike, 'writeHead' | 'end'> = outgoing,
): void {
  for (const [name, value] of headers) {
    if (name === 'set-cookie') addHeader(outgoing, name, value)
    else outgoing.setHeader(name, value)
  }
  if (status !== 204) outgoing.setHeader('content-length', String(body.length))
  // The app's own reason is not for this status. HTTP/2 has none, and warns whoever touches it.
  Reflect.deleteProperty(outgoing, 'statusMessage')
  writeHead.call(outgoing, status)
  end.call(outgoing, body)
}

/** `appendHeader`, which HTTP/2 has not in every Node. */
export function addHeader(outgoing: OutgoingLike, name: string, value: string | readonly string[]): void {
  const before = outgoing.getHeader(name)
  outgoing.setHeader(name, before === undefined ? value : [before, value].flat().map(String))
}
