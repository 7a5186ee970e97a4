import { TestBrowser } from 'latchkey/testing'
import { afterAll, expect, test } from 'vitest'
import { sessionCookies } from '../../app.ts'
import { describeWhere } from '../../engines/reach.ts'
import { Cell } from '../../reference-app/cell.ts'
import { MOUNTS, NODE_MOUNTS } from '../../reference-app/mounts/index.ts'

const USERS = 200
const REQUESTS = 10_000
const ORIGIN = 'https://app.test'
const JSON_ONLY = { accept: 'application/json' }

/** Steps in the same order at each run (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

const nameOf = (i: number): string => `member-${String(i % USERS).padStart(3, '0')}`

/** How many requests of all visitors are under way. */
interface Traffic {
  sent: number
  now: number
  most: number
}

/** One browser, and what must be true of it. Two people share it, as those of the next browser do: never at once. */
class Visitor {
  readonly #browser: TestBrowser
  readonly #traffic: Traffic
  readonly #roll: (sides: number) => number
  readonly #people: readonly [string, string]
  #user: string | null = null
  #data: Record<string, unknown> = {}
  #writes = 0

  constructor(browser: TestBrowser, traffic: Traffic, i: number) {
    this.#browser = browser
    this.#traffic = traffic
    this.#roll = dice(0x1a7c4 + i)
    this.#people = [nameOf(i), nameOf(i + 1)]
  }

  /** What holds the session, if there is one: two who logged out in one millisecond have the same `…-ended`. */
  get cookie(): string {
    return sessionCookies(this.#browser)
      .map((name) => this.#browser.cookies.get(name))
      .join()
  }

  /** One request or three at once; each must fit what is true. */
  async step(): Promise<void> {
    const chance = this.#roll(100)
    if (chance < 20) return this.#who()
    if (chance < 35) return this.#page()
    if (chance < 50) return this.#read()
    if (chance < 70) return this.#write()
    if (chance < 80) return this.#slow()
    if (chance < 85) return void (await Promise.all([this.#who(), this.#read(), this.#page()]))
    if (chance < 93) return this.#login()
    if (chance < 94) return this.#wrongLogin()
    if (chance < 97) return this.#fail()
    return this.#logout()
  }

  /** Once more, when all is quiet. */
  async check(): Promise<void> {
    await this.#who()
    await this.#read()
  }

  async #who(): Promise<void> {
    expect(await this.#json('GET', '/')).toMatchObject({ user: this.#user })
  }

  async #page(): Promise<void> {
    const answer = await this.#text('GET', '/app')
    if (this.#user === null) expect(answer).toMatchObject({ status: 303, text: '' })
    else expect(answer.text.toLowerCase()).toContain(`hello ${this.#user}<`)
  }

  async #read(): Promise<void> {
    expect(await this.#json('GET', '/session')).toEqual(this.#data)
  }

  async #write(): Promise<void> {
    const key = 'abc'[this.#roll(3)] as string
    const value = `${this.#people[0]} ${this.#writes++}`
    expect(await this.#json('POST', '/session?delay=0', { key, value })).toEqual({ ok: true })
    this.#data[key] = value
  }

  async #slow(): Promise<void> {
    const isWriting = this.#roll(2) === 0
    const after = isWriting ? { ...this.#data, slow: 1 } : this.#data
    const answer = await this.#json('GET', `/slow?ms=${this.#roll(3)}${isWriting ? '&write=slow' : ''}`)
    expect(answer).toEqual({ user: this.#user, before: this.#data, after })
    this.#data = { ...after }
  }

  async #login(): Promise<void> {
    const username = this.#people[this.#roll(2)] as string
    const answer = await this.#json('POST', '/login/sso', { username })
    expect(answer).toEqual({ ok: true, user: username })
    // What a visitor stored is his who logs in; what another user stored is gone.
    if (this.#user !== null && this.#user !== username) this.#data = {}
    this.#user = username
  }

  async #wrongLogin(): Promise<void> {
    const fields = { username: this.#people[1], password: 'wrong' }
    expect(await this.#json('POST', '/login', fields)).toMatchObject({ ok: false })
  }

  async #fail(): Promise<void> {
    const { status } = await this.#text('POST', '/throw?as=error&key=lost')
    expect(status).toBe(500)
  }

  async #logout(): Promise<void> {
    expect(await this.#json('POST', '/logout')).toEqual({ ok: true })
    this.#user = null
    this.#data = {}
    expect(sessionCookies(this.#browser)).toEqual([])
  }

  async #json(method: string, path: string, json?: unknown): Promise<unknown> {
    return JSON.parse((await this.#text(method, path, { json, headers: JSON_ONLY })).text)
  }

  async #text(
    method: string,
    path: string,
    options: { json?: unknown; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; text: string }> {
    const traffic = this.#traffic
    traffic.sent++
    traffic.now++
    traffic.most = Math.max(traffic.most, traffic.now)
    const response = await this.#browser.visit(path, { method, ...options })
    const text = await response.text()
    traffic.now--
    const named = `${text} ${response.headers.get('location')}`.toLowerCase().match(/member-\d+/g) ?? []
    expect(named.filter((name) => !this.#people.includes(name))).toEqual([])
    return { status: response.status, text }
  }
}

const loaded = await Promise.all(
  Object.entries({ ...MOUNTS, ...NODE_MOUNTS }).map(async ([adapter, load]) => {
    const obstacle = await load().then(
      () => null,
      (error: unknown) => `cannot be loaded: ${(error as Error).message.split('\n')[0]}`,
    )
    return [adapter, obstacle] as const
  }),
)

for (const [adapter, obstacle] of loaded) {
  describeWhere(obstacle, `${USERS} users at once never meet: ${adapter}`, () => {
    const cells = ['sealed', 'memory'].map(
      (sessions) =>
        new Cell({ adapter, sessions, origin: ORIGIN, port: 9001, canEndCopies: sessions === 'memory' }),
    )
    afterAll(async () => void (await Promise.all(cells.map((cell) => cell.close()))))

    test.each([
      ['sealed', cells[0] as Cell, REQUESTS / 2],
      ['memory', cells[1] as Cell, REQUESTS / 2],
    ] as const)(
      '%s',
      async (_, cell, requests) => {
        const { send } = await cell.subject()
        for (let i = 0; i < USERS; i++) await control(send, '/user', { username: nameOf(i), set: {} })
        const traffic = { sent: 0, now: 0, most: 0 }
        const visitors = Array.from(
          { length: USERS },
          (_, i) => new Visitor(new TestBrowser(send, ORIGIN), traffic, i),
        )
        await Promise.all(
          visitors.map(async (visitor) => {
            while (traffic.sent < requests) await visitor.step()
          }),
        )
        for (const visitor of visitors) await visitor.check()
        expect(traffic.most).toBeGreaterThanOrEqual(USERS / 2)
        const cookies = visitors.map(({ cookie }) => cookie).filter((cookie) => cookie !== '')
        expect(new Set(cookies).size).toBe(cookies.length)
      },
      300_000,
    )
  })
}

async function control(
  send: (request: Request) => Response | Promise<Response>,
  path: string,
  body: unknown,
): Promise<void> {
  const answer = await send(
    new Request(`${ORIGIN}/__control${path}`, { method: 'POST', body: JSON.stringify(body) }),
  )
  expect(answer.status).toBe(200)
}
