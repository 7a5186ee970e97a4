import { Hono, type MiddlewareHandler } from 'hono'
import { setCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import { createAuth, memoryRecords, storedSessions } from 'latchkey'
import { type AuthVariables, latchkey, requireUser } from 'latchkey/hono'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../../app.ts'
import { LIBRARIES, type Library } from './libraries.ts'

const OURS = '__Host-session'

/** An app with logins of ours, and its data in the session of another library. */
function browserOf(library: Library, oursFirst: boolean): TestBrowser {
  const auth = createAuth({
    secret: SECRET,
    origin: ORIGIN,
    users: new Users().provider,
    passwords: plain,
    sessions: storedSessions(memoryRecords()),
  })
  const app = new Hono<{ Variables: AuthVariables<TestUser> }>()
  const ours: MiddlewareHandler = latchkey(auth)
  for (const middleware of oursFirst ? [ours, ...library.middleware] : [...library.middleware, ours])
    app.use(middleware)
  app.post('/login', async (c) => {
    await c.var.auth.login('alice', 'wonderland')
    return c.redirect('/app', 303)
  })
  app.post('/logout', async (c) => {
    await c.var.auth.logout()
    return c.redirect('/login', 303)
  })
  app.get('/app', requireUser(), (c) => c.text(String(c.var.auth.user.id)))
  app.post('/theirs', async (c) => {
    await library.of(c).set('cart', 1)
    return c.text('ok')
  })
  app.get('/theirs', async (c) => c.json({ cart: (await library.of(c).get('cart')) ?? null }))
  app.post('/both', async (c) => {
    await library.of(c).set('cart', 2)
    await library.of(c).regenerateId()
    c.var.auth.session.set('a', 2)
    setCookie(c, 'third', '3')
    return c.text('ok')
  })
  app.post('/both-and-throw', async (c) => {
    await library.of(c).set('cart', 3)
    c.var.auth.session.set('a', 3)
    throw new HTTPException(409)
  })
  app.post('/end-theirs', async (c) => {
    await library.of(c).clear()
    return c.text('ok')
  })
  app.get('/ours', async (c) => c.json(await c.var.auth.session.all()))
  return new TestBrowser((request) => app.fetch(request), ORIGIN)
}

const jsonOf = async (browser: TestBrowser, path: string): Promise<unknown> =>
  (await browser.get(path)).json()

const ORDERS = LIBRARIES.flatMap(([name, library]) => [
  [`ours before ${name}`, () => browserOf(library(), true), library().cookie] as const,
  [`ours after ${name}`, () => browserOf(library(), false), library().cookie] as const,
])

describe.each(ORDERS)('two sessions in one app: %s', (_, make, theirs) => {
  test('a login of ours leaves theirs alone, and they ours', async () => {
    const browser = make()
    await browser.post('/theirs')
    await browser.post('/login')
    expect(await jsonOf(browser, '/theirs')).toEqual({ cart: 1 })
    expect(await (await browser.get('/app')).text()).toBe('alice')
  })

  test('a logout of ours ends ours alone', async () => {
    const browser = make()
    await browser.post('/login')
    await browser.post('/theirs')
    await browser.post('/logout')
    expect((await browser.get('/app')).status).toBe(401)
    expect(browser.cookies.has(OURS)).toBe(false)
    expect(await jsonOf(browser, '/theirs')).toEqual({ cart: 1 })
  })

  test('the end of theirs logs nobody out of ours', async () => {
    const browser = make()
    await browser.post('/login')
    await browser.post('/theirs')
    await browser.post('/end-theirs')
    expect(await jsonOf(browser, '/theirs')).toEqual({ cart: null })
    expect(await (await browser.get('/app')).text()).toBe('alice')
  })

  test('both cookies, and one of the handler, leave with one answer', async () => {
    const browser = make()
    const answer = await browser.post('/both')
    const names = new Set(answer.headers.getSetCookie().map((line) => line.split('=')[0]))
    expect([...names].sort()).toEqual([OURS, theirs, 'third'].sort())
    expect([await jsonOf(browser, '/theirs'), await jsonOf(browser, '/ours')]).toEqual([
      { cart: 2 },
      { a: 2 },
    ])
  })

  test('and with one that was thrown', async () => {
    const browser = make()
    expect((await browser.post('/both-and-throw')).status).toBe(409)
    expect([await jsonOf(browser, '/theirs'), await jsonOf(browser, '/ours')]).toEqual([
      { cart: 3 },
      { a: 3 },
    ])
  })
})
