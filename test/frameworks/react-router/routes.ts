import { createRequestHandler as create8, type MiddlewareFunction } from 'react-router'
import { createRequestHandler as create7 } from 'react-router-7'

type Handler = (request: Request) => Promise<Response>
type Loaders = Readonly<Record<string, () => unknown>>

const nothing = () => null

/** What `react-router build` gives, less the client's part: a page for each path, with middleware at the root. */
const buildOf = (middleware: MiddlewareFunction<Response>, loaders: Loaders, future: object): unknown => ({
  entry: {
    module: {
      handleError: () => {},
      default: (
        _: Request,
        status: number,
        headers: Headers,
        { staticHandlerContext: { loaderData } }: { staticHandlerContext: { loaderData: unknown } },
      ) => Response.json({ loaderData }, { status, headers }),
    },
  },
  routes: {
    root: {
      id: 'root',
      path: '',
      module: { default: nothing, ErrorBoundary: nothing, middleware: [middleware] },
    },
    ...Object.fromEntries(
      Object.entries(loaders).map(([path, loader]) => {
        const id = `page ${path}`
        const place = path === '' ? { index: true } : { path }
        return [id, { id, parentId: 'root', ...place, module: { default: nothing, loader } }]
      }),
    ),
  },
  assets: { entry: { imports: [], module: '' }, routes: {}, url: '', version: '' },
  publicPath: '/',
  assetsBuildDirectory: '',
  future,
  ssr: true,
  isSpaMode: false,
  prerender: [],
  routeDiscovery: { mode: 'lazy', manifestPath: '/__manifest' },
})

const FLAGS = { v8_passThroughRequests: true, v8_trailingSlashAwareDataRequests: true }

export function version7Routes(middleware: unknown, loaders: Loaders, future: object = FLAGS): Handler {
  const build = buildOf(middleware as never, loaders, { v8_middleware: true, ...future })
  const handle = create7(build as never, 'production')
  return (request) => handle(request)
}

export function version8Routes(middleware: unknown, loaders: Loaders): Handler {
  const handle = create8(buildOf(middleware as never, loaders, {}) as never, 'production')
  return (request) => handle(request)
}
