import { H3, type H3Event, HTTPError, redirect } from 'h3'
import type { RequestAuth } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { auth, type User } from './auth.ts'

const auths = new WeakMap<Request, RequestAuth<User>>()

function authOf({ req }: H3Event): RequestAuth<User> {
  const current = auths.get(req)
  if (current) return current
  throw new Error('This request did not come through withAuth.')
}

async function signedIn(event: H3Event): Promise<User> {
  const { user } = await authOf(event).authenticate()
  if (user) return user
  throw new HTTPError({ status: 401 })
}

const app = new H3()
  .post('/login', async (event) => {
    const form = await event.req.formData()
    const current = authOf(event)
    const outcome = await current.login(form.get('email'), form.get('password'))
    const next = current.safeRedirectPath(form.get('next'), '/app')
    return redirect(outcome.ok ? next : `/login?error=${outcome.code}`, 303)
  })
  .post('/logout', async (event) => {
    await authOf(event).logout()
    return redirect('/login', 303)
  })
  .get('/app', async (event) => {
    const { user } = await authOf(event).authenticate()
    return user ? `Hello ${user.displayName}` : redirect('/login?next=/app', 303)
  })
  .get('/me', async (event) => (await signedIn(event)).displayName)

export const handler = withAuth(auth, (request, { auth }) => {
  auths.set(request, auth)
  return app.fetch(request)
})
