import { pbkdf2 } from 'latchkey/password'
import { createLimiterSchema, createSchema, pg } from 'latchkey/sql'
import { TestBrowser } from 'latchkey/testing'
import { Miniflare } from 'miniflare'
import Pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SECRET } from '../app.ts'
import { bundled } from '../bundle.ts'
import { describeWith, freshName, URLS } from './reach.ts'

const ORIGIN = 'http://localhost'
const PASSWORD = 'correct horse'

describeWith(['postgres'], 'PostgreSQL on Workers', () => {
  const name = freshName('worker')
  const tables = ['users', 'sessions', 'attempts'].map((table) => `${name}_${table}`)
  const pool = new Pg.Pool({ connectionString: URLS.postgres })
  // Hyperdrive wants a password, which this server does not ask for.
  const hyperdrive = new URL(URLS.postgres)
  hyperdrive.password ||= 'none'
  let workerd: Miniflare

  beforeAll(async () => {
    const database = pg(pool)
    await createSchema(database, { table: `${name}_sessions` })
    await createLimiterSchema(database, { table: `${name}_attempts` })
    await pool.query(
      `CREATE TABLE ${name}_users (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, hashed_password TEXT)`,
    )
    const hash = await pbkdf2({ iterations: 100_000 }).hash(PASSWORD)
    await pool.query(`INSERT INTO ${name}_users VALUES ('ada', 'ada@example.com', $1)`, [hash])
    workerd = new Miniflare({
      modules: true,
      script: await bundled('engines/worker-postgres.ts', { nodeCompat: true, external: ['pg-native'] }),
      compatibilityDate: '2025-07-01',
      compatibilityFlags: ['nodejs_compat'],
      bindings: { SECRET, TABLES: name },
      hyperdrives: { HYPERDRIVE: hyperdrive.href },
    })
    await workerd.ready
  })
  afterAll(async () => {
    await workerd?.dispose()
    for (const table of tables) await pool.query(`DROP TABLE IF EXISTS ${table}`)
    await pool.end()
  })

  const browserWith = (client: string): TestBrowser =>
    new TestBrowser(async (request) => {
      request.headers.set('x-client', client)
      const { url, method, headers } = request
      const answer = await workerd.dispatchFetch(url, { method, headers: [...headers] })
      const { status } = answer
      return new Response(await answer.text(), { status, headers: [...answer.headers] as [string, string][] })
    }, ORIGIN)
  const json = async (answer: Promise<Response>) => (await answer).json()

  describe.each(['pg', 'postgres.js'])('through %s, by a function', (client) => {
    test('a session lives through requests one after the other and at once, and ends', async () => {
      const browser = browserWith(client)
      const login = browser.post('/login', {}, { 'x-password': PASSWORD })
      expect(await json(login)).toBe('ada')
      for (let i = 0; i < 5; i++) expect(await json(browser.get('/'))).toBe('ada')
      const atOnce = await Promise.all(Array.from({ length: 8 }, () => json(browser.get('/'))))
      expect(new Set(atOnce)).toEqual(new Set(['ada']))
      const copy = browserWith(client)
      for (const [key, value] of browser.cookies) copy.cookies.set(key, value)
      await browser.post('/logout')
      expect(await json(copy.get('/'))).toBeNull()
      expect(await json(browser.get('/made'))).toBe(1)
    })

    test('wrong passwords are counted in the database', async () => {
      for (let i = 0; i < 3; i++) {
        const login = browserWith(client).post('/login', {}, { 'x-password': 'wrong' })
        expect(await json(login)).toBe('invalid_credentials')
      }
      const { rows } = await pool.query(`SELECT max(failed) AS failed FROM ${name}_attempts`)
      expect(rows).toEqual([{ failed: 3 }])
      await pool.query(`DELETE FROM ${name}_attempts`)
    })
  })

  test('no connection is left behind', async () => {
    const { rows } = await pool.query(
      'SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND position($1 IN query) > 0',
      [name],
    )
    expect(rows).toEqual([])
  })

  test.each([
    ['a pool of pg', 'pg'],
    ['one client of pg', 'pg'],
    ['one postgres.js', 'postgresJs'],
  ])('%s, which would work for one request, is refused when it is built', async (client, called) => {
    const answer = await browserWith(client).get('/')
    expect([answer.status, await answer.json()]).toEqual([
      500,
      expect.stringContaining(`\`${called}(() => …)\``),
    ])
  })
})
