import path from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  createRequestHandler,
  type RouterContext,
  RouterContextProvider,
  type ServerBuild,
} from 'react-router'
import type { Mounted } from './app/mounted.ts'
import { buildApp } from './build.ts'

export { data, type LoaderFunctionArgs, type MiddlewareFunction, redirect } from 'react-router'
export type { Mounted }

export interface BuiltApp {
  /** Under which the app finds in its context what it does. */
  readonly mounted: RouterContext<Mounted>
  handle(request: Request, does: Mounted): Promise<Response>
}

/** The app of this folder, built, behind React Router's own request handler. */
export async function builtApp(): Promise<BuiltApp> {
  const file = path.join(await buildApp(), 'server/index.js')
  const build = (await import(pathToFileURL(file).href)) as ServerBuild
  const { mounted } = build.entry.module as unknown as { mounted: RouterContext<Mounted> }
  const handler = createRequestHandler(build, 'production')
  return {
    mounted,
    handle(request, does) {
      const context = new RouterContextProvider()
      context.set(mounted, does)
      return handler(request, context)
    },
  }
}
