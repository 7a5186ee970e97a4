import { Hono } from 'hono'
import { requireUser } from 'latchkey/hono'
import type { Env } from './auth.ts'
import { devicesPage } from './devices-page.ts'
import { fieldsOf } from './form.ts'
import { takeNotice } from './messages.ts'

/** Where a user is logged in, and how to end that. Not found where sessions cannot be listed. */
export function deviceRoutes(): Hono<Env> {
  const routes = new Hono<Env>()

  routes.get('/', requireUser({ redirectTo: '/login' }), async (c) => {
    const { auth } = c.var
    if (!auth.devices) return c.notFound()
    const sessions = await auth.devices.listSessions()
    return c.html(devicesPage({ user: auth.user, sessions, notice: await takeNotice(auth) }))
  })

  routes.post('/end', requireUser({ redirectTo: '/login' }), async (c) => {
    const { auth } = c.var
    if (!auth.devices) return c.notFound()
    const { handle } = await fieldsOf(c)
    // Finds the sessions of this user alone: somebody else's handle names nothing here.
    const isEnded = await auth.devices.revokeSession(handle)
    auth.session.set('notice', isEnded ? 'device_ended' : 'device_unknown')
    return c.redirect('/devices', 303)
  })

  routes.post('/end-others', requireUser({ redirectTo: '/login' }), async (c) => {
    const { auth } = c.var
    if (!auth.devices) return c.notFound()
    await auth.devices.revokeOthers()
    auth.session.set('notice', 'others_ended')
    return c.redirect('/devices', 303)
  })

  return routes
}
