import { Elysia, t } from 'elysia'
import type { RequestAuth } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { auth, type User } from './auth.ts'

const auths = new WeakMap<Request, RequestAuth<User>>()

/** Elysia's own takes no relative address on Node. */
const seeOther = (location: string): Response => new Response(null, { status: 303, headers: { location } })

const login = new Elysia({ name: 'login' })
  .derive({ as: 'global' }, ({ request }) => {
    const current = auths.get(request)
    if (!current) throw new Error('This request did not come through withAuth.')
    return { auth: current }
  })
  .macro({
    signedIn: {
      async resolve({ auth, status }) {
        const { user } = await auth.authenticate()
        return user ? { user } : status(401)
      },
    },
  })

const app = new Elysia()
  .use(login)
  .post(
    '/login',
    async ({ auth, body }) => {
      const outcome = await auth.login(body.email, body.password)
      return seeOther(outcome.ok ? auth.safeRedirectPath(body.next, '/app') : `/login?error=${outcome.code}`)
    },
    { body: t.Object({ email: t.String(), password: t.String(), next: t.Optional(t.String()) }) },
  )
  .post('/logout', async ({ auth }) => {
    await auth.logout()
    return seeOther('/login')
  })
  .get('/app', async ({ auth }) => {
    const { user } = await auth.authenticate()
    return user ? `Hello ${user.displayName}` : seeOther('/login?next=/app')
  })
  .get('/me', ({ user }) => user.displayName, { signedIn: true })

export const handler = withAuth(auth, (request, { auth }) => {
  auths.set(request, auth)
  return app.fetch(request)
})
