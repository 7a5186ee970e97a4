import { Form } from 'react-router'
import { auth } from '../auth.server.ts'
import type { Route } from './+types/app'

export async function loader(args: Route.LoaderArgs) {
  const user = await auth.requireUser(args, { redirectTo: '/login' })
  // What a loader gives is sent to the browser: never the user as a whole.
  return { name: user.displayName }
}

export const headers = () => ({ 'cache-control': 'no-store' })
export const meta = () => [{ title: 'App' }]

export default function App({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <h1>Hello {loaderData.name}</h1>
      <Form method="post" action="/logout">
        <button type="submit">Log out</button>
      </Form>
    </>
  )
}
