import type { ReactNode } from 'react'
import { isRouteErrorResponse, type MiddlewareFunction, Outlet, Scripts } from 'react-router'
import { mounted } from './mounted.ts'

export const middleware: MiddlewareFunction<Response>[] = [
  (args, next) => args.context.get(mounted).middleware(args, next),
]

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  )
}

export default function App() {
  return <Outlet />
}

export function ErrorBoundary({ error }: { error: unknown }) {
  return <h1>Error page {isRouteErrorResponse(error) ? error.status : 500}</h1>
}
