import { Hono } from 'hono'
import { latchkey, requireUser } from 'latchkey/hono'
import { auth } from './auth.ts'
import { appPage, loginPage } from './pages.ts'

export const app = new Hono()
  .use(latchkey(auth))

  .get('/', (c) => c.redirect('/app', 303))

  .get('/login', (c) => loginPage(new URL(c.req.url).searchParams))

  .post('/login', async (c) => {
    const { email, password, next } = await c.req.parseBody()
    const outcome = await c.var.auth.login(email, password)
    return c.redirect(
      outcome.ok ? c.var.auth.safeRedirectPath(next, '/app') : `/login?error=${outcome.code}`,
      303,
    )
  })

  .post('/logout', async (c) => {
    await c.var.auth.logout()
    return c.redirect('/login', 303)
  })

  .get('/app', requireUser({ redirectTo: '/login' }), (c) => appPage(c.var.auth.user.displayName))
