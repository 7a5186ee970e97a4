/** Longer targets are refused: proxies cut or drop such headers. */
const MAX_LENGTH = 2048

/**
 * Where to send the user after a login: `target` if it leads to a page of `base`'s own origin, otherwise `fallback`.
 *
 * The target is read by the parser that browsers use (WHATWG URL), so that `//evil`, `/\evil`, `\t//evil`,
 * `https:evil` and the like mean here what they mean there, and the answer is what was parsed, never the text that
 * came. Always a path: it begins with one `/`, and never with `//` or `/\`, which a browser takes for a host.
 *
 * @param target Anything, straight from a form or a query.
 * @param base The app's origin, or the URL of the request.
 * @param fallback A path of your own. Default `/`.
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
