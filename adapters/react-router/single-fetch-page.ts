/**
 * The page that a request to Remix 2 with single fetch is about, for the option `page` of `withAuth`: `/app.data`
 * requests the data of `/app`, and `/_root.data` that of `/`. Exactly one suffix is removed, as Remix does it, since
 * what is left decides whether a path rule is lifted.
 */
export function singleFetchPage(request: Request): URL {
  const url = new URL(request.url)
  if (url.pathname === '/_root.data') url.pathname = '/'
  else if (url.pathname.endsWith('.data')) url.pathname = url.pathname.slice(0, -'.data'.length)
  else return url
  url.searchParams.delete('_routes')
  return url
}
