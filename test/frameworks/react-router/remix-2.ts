import {
  type ActionFunction,
  type AppLoadContext,
  createRequestHandler,
  type LoaderFunction,
  type ServerBuild,
} from '@remix-run/server-runtime'

export { createFileSessionStorage } from '@remix-run/node'
export { type LoaderFunctionArgs, redirect } from '@remix-run/server-runtime'

type Module = ServerBuild['routes'][string]['module']
/** By path. What has a page has a `default`. */
type Routes = Record<
  string,
  { default?: Module['default']; loader?: LoaderFunction; action?: ActionFunction }
>

const Nothing = () => null

/** Remix 2's own request handler over these routes: what `remix vite:build` gives, less the client's part. */
export function remix2(modules: Routes): (request: Request, context?: AppLoadContext) => Promise<Response> {
  const routes: ServerBuild['routes'] = {
    root: { id: 'root', path: '', module: { default: Nothing, ErrorBoundary: Nothing } },
  }
  for (const [path, module] of Object.entries(modules)) {
    const id = path || 'index'
    const place = path === '' ? { index: true } : { path }
    routes[id] = { id, parentId: 'root', ...place, module: module as Module }
  }
  const future = {
    v3_fetcherPersist: true,
    v3_relativeSplatPath: true,
    v3_throwAbortReason: true,
    v3_lazyRouteDiscovery: false,
    v3_singleFetch: true,
  }
  const build: ServerBuild = {
    mode: 'production',
    entry: {
      module: {
        handleError: () => {},
        default: (_request, status, headers, { staticHandlerContext }) => {
          const { loaderData, actionData } = staticHandlerContext
          return Response.json({ loaderData, actionData }, { status, headers })
        },
      },
    },
    routes,
    assets: { entry: { imports: [], module: '' }, routes: {}, url: '', version: '' },
    publicPath: '/',
    assetsBuildDirectory: '',
    future,
    isSpaMode: false,
  }
  return createRequestHandler(build, 'production')
}
