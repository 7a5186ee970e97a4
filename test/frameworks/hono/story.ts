import { type Context, Hono } from 'hono'
import { LoginManager, type SessionStore } from 'latchkey'
import { type SessionVisitor, TestBrowser } from 'latchkey/testing'
import { ORIGIN, plain, SECRET, type TestUser, Users } from '../../app.ts'
import type { Library } from './libraries.ts'

type Work = (session: SessionStore, c: Context) => unknown

/** An app over the sessions of another library, whose one route does what the test says. */
export class Story {
  readonly library: Library
  readonly users: Users = new Users()
  readonly manager: LoginManager<TestUser>
  readonly #app = new Hono()
  readonly #works: Work[] = []
  readonly #thrown = new Map<string, unknown>()

  constructor(library: Library) {
    this.library = library
    this.manager = new LoginManager({ secret: SECRET, users: this.users.provider, passwords: plain })
    for (const middleware of library.middleware) this.#app.use(middleware)
    this.#app.onError((error, c) => {
      this.#thrown.set(c.req.param('work') ?? '', error)
      return c.text('failed', 500)
    })
    this.#app.post('/:work', async (c) => {
      await this.#works[Number(c.req.param('work'))]?.(library.of(c), c)
      return c.text('ok')
    })
  }

  browser(): TestBrowser {
    return new TestBrowser((request) => this.#app.fetch(request), ORIGIN)
  }

  /** Runs `use` in one request of a browser. */
  async during<T>(
    browser: TestBrowser,
    use: (session: SessionStore, c: Context) => T | Promise<T>,
  ): Promise<T> {
    const name = String(this.#works.length)
    const kept: { value?: T } = {}
    this.#works.push(async (session, c) => {
      kept.value = await use(session, c)
    })
    await browser.post(`/${name}`)
    if (this.#thrown.has(name)) throw this.#thrown.get(name)
    return kept.value as T
  }

  visitor(browser: TestBrowser = this.browser()): SessionVisitor {
    return {
      request: (use) => this.during(browser, (session) => use(session)),
      copy: () => this.visitor(browser.copy()),
    }
  }

  login(browser: TestBrowser, username = 'alice', password = 'wonderland'): Promise<boolean> {
    return this.during(browser, async (session, { req }) => {
      const outcome = await this.manager.login({ request: req.raw, session }, username, password)
      return outcome.ok
    })
  }

  logout(browser: TestBrowser): Promise<void> {
    return this.during(browser, (session, { req }) => this.manager.logout({ request: req.raw, session }))
  }

  whoIs(browser: TestBrowser): Promise<string | number | null> {
    return this.during(browser, async (session, { req }) => {
      return (await this.manager.authenticate({ request: req.raw, session })).userId
    })
  }

  put(browser: TestBrowser, key: string, value: unknown): Promise<void> {
    return this.during(browser, (session) => session.set(key, value))
  }

  get(browser: TestBrowser, key: string): Promise<unknown> {
    return this.during(browser, (session) => session.get(key))
  }

  id(browser: TestBrowser): string | undefined {
    return browser.cookies.get(this.library.cookie)
  }
}
