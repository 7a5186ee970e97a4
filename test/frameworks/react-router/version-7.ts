import { createRequestHandler, type MiddlewareFunction, type ServerBuild } from 'react-router-7'

export { redirect } from 'react-router-7'

type Module = NonNullable<ServerBuild['routes'][string]>['module']

/** React Router 7's own request handler over one page, `/page` unless said otherwise, with middleware at the root. */
export function version7(
  middleware: MiddlewareFunction<Response>,
  page: Pick<Module, 'loader' | 'action'>,
  path = 'page',
): (request: Request) => Promise<Response> {
  const nothing = () => null
  const build: ServerBuild = {
    entry: {
      module: {
        handleError: () => {},
        default: (_request, status, headers, { staticHandlerContext: { loaderData, actionData } }) =>
          Response.json({ loaderData, actionData }, { status, headers }),
      },
    },
    routes: {
      root: {
        id: 'root',
        path: '',
        module: { default: nothing, ErrorBoundary: nothing, middleware: [middleware] },
      },
      page: { id: 'page', parentId: 'root', path, module: { default: nothing, ...page } },
    },
    assets: { entry: { imports: [], module: '' }, routes: {}, url: '', version: '' },
    publicPath: '/',
    assetsBuildDirectory: '',
    future: {
      v8_middleware: true,
      v8_passThroughRequests: true,
      v8_trailingSlashAwareDataRequests: true,
    },
    ssr: true,
    isSpaMode: false,
    prerender: [],
    routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
  }
  return createRequestHandler(build, 'production')
}
