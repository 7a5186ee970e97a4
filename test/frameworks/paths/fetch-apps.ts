import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { withAuth } from 'latchkey/fetch'
import { latchkey as honoLatchkey } from 'latchkey/hono'
import { latchkey as routerLatchkey, singleFetchPage } from 'latchkey/react-router'
import { latchkey as remixLatchkey } from 'latchkey/remix'
import { remix2 } from '../react-router/remix-2.ts'
import { version7Routes, version8Routes } from '../react-router/routes.ts'
import { createRequestListener, createRouter } from '../remix/router.ts'
import { type AnyAuth, OTHER, ROUTES, SHOWN, withoutLanguage } from './routes.ts'

type MakeApp = (auth: AnyAuth) => RequestListener

/** By pattern, in the order of routers that take the first match. */
function patterns(below: string): readonly (readonly [pattern: string, says: string])[] {
  const paths = ROUTES.flatMap(
    ([path, says]) =>
      [
        [path, says],
        [path + below, says],
      ] as const,
  )
  return [['/', SHOWN], ...paths, [below, OTHER]]
}

const hono =
  (options: ConstructorParameters<typeof Hono>[0]): MakeApp =>
  (auth) => {
    const app = new Hono(options)
    app.use(honoLatchkey(auth))
    for (const [pattern, says] of patterns('/*')) app.all(pattern, (c) => c.text(says))
    return getRequestListener(app.fetch)
  }

/** Pages and resources, by the paths of React Router's routes. */
const loaders = (): Record<string, () => string> =>
  Object.fromEntries(patterns('/*').map(([pattern, says]) => [pattern.slice(1), () => says]))

const Page = () => null

export const FETCH_APPS: Readonly<Record<string, MakeApp>> = {
  Hono: hono({}),
  'Hono, not strict': hono({ strict: false }),
  'Hono, with getPath': hono({ getPath: (request) => withoutLanguage(new URL(request.url).pathname) }),
  'React Router 8': (auth) => createRequestListener(version8Routes(routerLatchkey(auth), loaders())),
  'React Router 7.18': (auth) => createRequestListener(version7Routes(routerLatchkey(auth), loaders())),
  'React Router 7.18, without flags of version 8': (auth) =>
    createRequestListener(version7Routes(routerLatchkey(auth), loaders(), {})),
  'Remix 2': (auth) => {
    const routes = Object.entries(loaders()).map(([path, loader]) => [path, { default: Page, loader }])
    const handle = remix2(Object.fromEntries(routes))
    return createRequestListener(withAuth(auth, (request) => handle(request), { page: singleFetchPage }))
  },
  'Remix 3': (auth) => {
    const router = createRouter({ middleware: [remixLatchkey(auth)] })
    for (const [pattern, says] of patterns('/*'))
      router.route('ANY', pattern.slice(1), () => new Response(says))
    return createRequestListener((request) => router.fetch(request))
  },
}
