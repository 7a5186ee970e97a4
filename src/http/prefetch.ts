/**
 * Whether a browser or a router fetches a page before anyone has asked for it: `Sec-Purpose` (Fetch, 3.7.1), `Purpose` of
 * older Chromium and Safari, `X-Moz` of older Firefox, and what Next sends. Only GET and HEAD are prefetched.
 */
export function isPrefetch({ method, headers }: Request): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return (
    ['sec-purpose', 'purpose', 'x-moz'].some((name) => headers.get(name)?.startsWith('prefetch')) ||
    headers.has('next-router-prefetch')
  )
}
