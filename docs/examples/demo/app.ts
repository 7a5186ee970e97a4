import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { LatchkeyError } from 'latchkey'
import { latchkey, requireUser } from 'latchkey/hono'
import { type DemoAuthOptions, demoAuth, type Env } from './auth.ts'
import { deviceRoutes } from './devices.ts'
import type { Problem } from './fields.ts'
import { fieldsOf } from './form.ts'
import { KEY_ICON } from './layout.ts'
import { loginRefusal, noticeText, passwordProblem, takeNotice, tooManyAttempts } from './messages.ts'
import { landingPage, loginPage, membersPage, messagePage, passwordPage, signupPage } from './pages.ts'
import { STYLE } from './style.ts'

export function demoApp(options: DemoAuthOptions): Hono<Env> {
  const { users } = options
  const app = new Hono<Env>()

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      // Not `no-referrer`: with that, browsers send `Origin: null` with our own forms.
      referrerPolicy: 'same-origin',
      xFrameOptions: 'DENY',
    }),
  )
  app.get('/style.css', (c) => c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/icon.svg', (c) => c.body(KEY_ICON, 200, { 'Content-Type': 'image/svg+xml' }))

  // Nothing below is kept by any cache, or the Back button would show it after a logout.
  app.use(async (c, next) => {
    c.header('Cache-Control', 'no-store')
    await next()
  })
  app.use(latchkey(demoAuth(options)))
  app.use(async (c, next) => {
    const { reason } = await c.var.auth.authenticate()
    // Told on every page while the session is suspended, and once when it ends: kept for the page that comes next.
    if (noticeText(reason)) c.var.auth.session.set('notice', reason)
    await next()
  })

  app.get('/', async (c) => {
    const { auth } = c.var
    return c.html(landingPage({ user: auth.user, notice: await takeNotice(auth) }))
  })

  app.get('/login', async (c) => {
    const { auth } = c.var
    const next = c.req.query('next')
    if (auth.user) return c.redirect(auth.safeRedirectPath(next, '/members'), 303)
    return c.html(loginPage({ next, notice: await takeNotice(auth) }))
  })

  app.post('/login', async (c) => {
    const { auth } = c.var
    const { email, password, next } = await fieldsOf(c)
    const outcome = await auth.login(email, password)
    if (outcome.ok) {
      auth.session.set('notice', undefined)
      return c.redirect(auth.safeRedirectPath(next, '/members'), 303)
    }
    const { status, message } = loginRefusal(outcome)
    if (outcome.code === 'throttled') c.header('Retry-After', String(outcome.retryAfterSeconds))
    return c.html(loginPage({ next, email, problem: { message } }), status)
  })

  app.get('/signup', (c) => (c.var.auth.user ? c.redirect('/members', 303) : c.html(signupPage({}))))

  app.post('/signup', async (c) => {
    const { auth } = c.var
    const { name = '', email = '', password = '' } = await fieldsOf(c)
    const refuse = (problem: Problem, status: 409 | 422 = 422) =>
      c.html(signupPage({ name, email, problem }), status)
    const displayName = name.trim()
    if (displayName === '' || displayName.length > 80 || displayName.includes('\0'))
      return refuse({ field: 'name', message: 'Please tell us your name.' })
    if (!/^[^\s@]+@[^\s@]+$/.test(email.trim()) || email.length > 254 || email.includes('\0'))
      return refuse({ field: 'email', message: 'Please give a valid e-mail address.' })
    const problem = passwordProblem(password)
    if (problem) return refuse(problem)
    const user = await users.add({ email, displayName, hashedPassword: await auth.hashPassword(password) })
    // Tells who has an account here. Where nobody may know, answer alike and send a mail.
    if (!user)
      return refuse({ field: 'email', message: 'There is an account with this e-mail address already.' }, 409)
    const outcome = await auth.loginUser(user, { method: 'password' })
    auth.session.set('notice', undefined)
    return c.redirect(outcome.ok ? '/members' : '/login', 303)
  })

  app.post('/logout', async (c) => {
    const { auth } = c.var
    await auth.logout()
    // Not only to be kind. Chromium keeps `no-store` pages for its Back button until an HttpOnly cookie changes, and
    // (seen in 156) does not notice one that is merely removed if a login was redirected straight to the page.
    auth.session.set('notice', 'logged_out')
    return c.redirect('/', 303)
  })

  app.get('/members', requireUser({ redirectTo: '/login' }), async (c) => {
    const { auth } = c.var
    const hasDevices = auth.devices !== undefined
    return c.html(
      membersPage({ user: auth.user, token: auth.token, hasDevices, notice: await takeNotice(auth) }),
    )
  })

  app.get('/password', requireUser({ redirectTo: '/login' }), (c) =>
    c.html(passwordPage({ user: c.var.auth.user })),
  )

  app.post('/password', requireUser({ redirectTo: '/login' }), async (c) => {
    const { auth } = c.var
    const { user } = auth
    const { current, password = '' } = await fieldsOf(c)
    const refuse = (problem: Problem, status: 401 | 409 | 422 | 429) =>
      c.html(passwordPage({ user, problem }), status)
    const problem = passwordProblem(password)
    if (problem) return refuse(problem, 422)
    const proof = await auth.reauthenticate(current)
    if (!proof.ok && proof.code === 'throttled') {
      c.header('Retry-After', String(proof.retryAfterSeconds))
      return refuse(tooManyAttempts(proof.retryAfterSeconds), 429)
    }
    if (!proof.ok) return refuse({ field: 'current', message: 'That is not your current password.' }, 401)
    const updated = await users.changePassword(user, await auth.hashPassword(password))
    if (!updated) return refuse({ message: 'Your password was changed elsewhere at the same time.' }, 409)
    // This browser stays in; every other session of this user ends at its next request.
    await auth.passwordChanged(updated)
    auth.session.set('notice', 'password_changed')
    return c.redirect('/members', 303)
  })

  app.route('/devices', deviceRoutes())

  app.notFound((c) => c.html(messagePage({ title: 'There is no such page', user: c.var.auth.user }), 404))
  app.onError((error, c) => {
    console.error(error)
    // What holds users or sessions is down: nobody is let in, nobody is logged out.
    if (error instanceof LatchkeyError && error.status === 503)
      return c.html(messagePage({ title: 'We will be back in a moment' }), 503)
    return c.html(messagePage({ title: 'Something went wrong' }), 500)
  })
  return app
}
