import { createFileRoute, redirect } from '@tanstack/react-router'
import { createServerFn } from '@tanstack/react-start'

/** A server function is a way in of its own: the check belongs here, not in the route. */
const loadApp = createServerFn().handler(async ({ context: { auth } }) => {
  const { user } = await auth.authenticate()
  if (!user) throw redirect({ to: '/login', search: { next: '/app' }, statusCode: 303 })
  return { name: user.displayName }
})

export const Route = createFileRoute('/app')({
  loader: () => loadApp(),
  head: () => ({ meta: [{ title: 'App' }] }),
  headers: () => ({ 'cache-control': 'no-store' }),
  component: App,
})

function App() {
  const { name } = Route.useLoaderData()
  return (
    <>
      <h1>{`Hello ${name}`}</h1>
      <form method="post" action="/logout">
        <button type="submit">Log out</button>
      </form>
    </>
  )
}
