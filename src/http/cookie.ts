/** A cookie to set, as a value. The names of its members are those that frameworks take (Next, Hono, SvelteKit). */
export interface Cookie {
  /** The full name, with its prefix. */
  readonly name: string
  /** Empty for a cookie that is removed. Never needs encoding. */
  readonly value: string
  /** The path that it is sent to. */
  readonly path: string
  /** The domain that it is sent to. `undefined`: this host only. */
  readonly domain?: string | undefined
  /** Always `true`: no script reads it. */
  readonly httpOnly: true
  /** Whether it is sent over https only. */
  readonly secure: boolean
  /** Whether cross-site requests send it. */
  readonly sameSite: 'strict' | 'lax' | 'none'
  /** Kept apart for each top-level site that embeds the app (CHIPS). */
  readonly partitioned?: true | undefined
  /** How long the browser keeps it, in whole seconds; 0 removes it. `undefined`: until the browser is closed. */
  readonly maxAge?: number | undefined
  /** It says that a session has ended, and is sent even if the rest of the response is lost. */
  readonly ends?: true
}

/** Returns the value of a `Set-Cookie` header (RFC 6265bis, section 4.1.1). */
export function serializeCookie(cookie: Cookie): string {
  const { name, value, path, domain, secure, sameSite, partitioned, maxAge } = cookie
  let text = `${name}=${value}; Path=${path}`
  if (domain !== undefined) text += `; Domain=${domain}`
  text += '; HttpOnly'
  if (secure) text += '; Secure'
  text += `; SameSite=${SITES[sameSite]}`
  if (partitioned) text += '; Partitioned'
  if (maxAge !== undefined) text += `; Max-Age=${maxAge}`
  // For clients that do not know `Max-Age`.
  if (maxAge === 0) text += '; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
  return text
}

const SITES = { strict: 'Strict', lax: 'Lax', none: 'None' } as const
