/** Longer targets are refused: proxies truncate or drop such headers. */
const MAX_LENGTH = 2048

/**
 * Returns where to send the user after a login: `target` if it leads to a page of `base`'s own origin,
 * otherwise `fallback`. The result is always a path: it begins with one `/`, and never with `//` or `/\`,
 * which a browser takes for a host.
 *
 * The target is parsed as browsers do it (WHATWG URL), so that `//evil`, `/\evil`, `\t//evil`, `https:evil`
 * and the like mean here what they mean there. The result is what was parsed, never the text that came in.
 *
 * @param target Any value, straight from a form or a query.
 * @param base The app's origin, or the URL of the request.
 * @param fallback A path of your app. Default `/`.
 */
export function safeRedirectPath(target: unknown, base: string, fallback = '/'): string {
  if (typeof target !== 'string' || target === '' || target.length > MAX_LENGTH) return fallback
  if (!URL.canParse(target, base)) return fallback
  const url = new URL(target, base)
  const isOurs =
    url.origin === new URL(base).origin && (url.protocol === 'https:' || url.protocol === 'http:')
  const path = url.pathname + url.search + url.hash
  return isOurs && /^\/(?![/\\])/.test(path) ? path : fallback
}
