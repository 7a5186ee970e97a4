import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  bearerAuthenticator,
  createApiToken,
  createAuth,
  sessionAuthenticator,
  type UserLike,
  type UserProvider,
} from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { pbkdf2 } from 'latchkey/password'
import type { SqlClient } from 'latchkey/sql'
import { TestBrowser } from 'latchkey/testing'
import { expect, test } from 'vitest'
import { ORIGIN, SECRET } from '../app.ts'

const PASSWORD = 'correct horse battery staple'
const TOKEN = createApiToken({ prefix: 'acme_' })
const HASH = await pbkdf2({ iterations: 100_000 }).hash(PASSWORD)

/** What a visitor may type who means more than a name. */
const INJECTIONS = [
  "' OR '1'='1",
  "ada@example.com' --",
  "'; DROP TABLE users; --",
  '" OR ""="',
  "\\' OR 1=1 #",
  '` OR 1=1 -- ',
  '$1',
  '?',
  '%',
  '_da@example.com',
  '{"$ne":null}',
]

/** A table, and three users in it: `ada`, who has a token, and `42` and `bob`, who have one hash and no token. */
export async function makeUsers(client: SqlClient, table: string): Promise<void> {
  const text = client.dialect === 'mysql' ? 'VARCHAR(191)' : 'TEXT'
  await client.run(
    `CREATE TABLE ${table} (
  id ${text} NOT NULL PRIMARY KEY, email ${text} NOT NULL UNIQUE, hashed_password ${text}, token_hash ${text} UNIQUE
)`,
    [],
  )
  for (const row of [
    ['ada', 'ada@example.com', HASH, TOKEN.hash],
    ['42', 'zoe@example.com', 'no hash that anybody could verify', null],
    ['bob', 'bob@example.com', 'no hash that anybody could verify', null],
  ]) {
    const places = client.dialect === 'postgres' ? '$1, $2, $3, $4' : '?, ?, ?, ?'
    await client.run(`INSERT INTO ${table} (id, email, hashed_password, token_hash) VALUES (${places})`, row)
  }
}

/** What holds of every provider over the table of `makeUsers`. `read` gives all of it, as it is now. */
export function userSentences(
  provider: () => UserProvider<UserLike>,
  read: () => Promise<readonly { readonly id: string; readonly hashed_password: string | null }[]>,
): void {
  const idOf = async (found: Promise<UserLike | null | undefined> | UserLike | null | undefined) =>
    (await found)?.id ?? null
  const hashOf = async (id: string) => (await read()).find((row) => row.id === id)?.hashed_password

  test('finds a user by id, by name and by token', async () => {
    const { findById, findByUsername, findByToken } = provider()
    expect(await findById('ada')).toMatchObject({ id: 'ada', hashedPassword: HASH })
    expect(await findByUsername('ada@example.com')).toMatchObject({ id: 'ada', hashedPassword: HASH })
    expect(await findByToken?.(TOKEN.token)).toMatchObject({ id: 'ada', hashedPassword: HASH })
    expect(await idOf(findByUsername('zoe@example.com'))).toBe('42')
  })

  test.each([
    ['by an id that there is not', 'findById', 'eve'],
    ['by a name for an id', 'findById', 'ada@example.com'],
    ['by a name that there is not', 'findByUsername', 'eve@example.com'],
    ['by an id for a name', 'findByUsername', 'ada'],
    ['by a token that there is not', 'findByToken', `${TOKEN.token}A`],
    ['by what is stored of a token', 'findByToken', TOKEN.hash],
    ['by nothing, for a token', 'findByToken', ''],
    ['by a word, for a user without a token', 'findByToken', 'null'],
  ] as const)('finds nobody %s', async (_, method, value) => {
    expect(await idOf(provider()[method]?.(value))).toBeNull()
  })

  test.each(INJECTIONS)('takes %j for a value, and for nothing else', async (text) => {
    for (const method of ['findById', 'findByUsername', 'findByToken'] as const)
      expect(await idOf(provider()[method]?.(text))).toBeNull()
    expect((await read()).map(({ id }) => id).toSorted()).toEqual(['42', 'ada', 'bob'])
  })

  test('puts a hash in place of the one that it replaces, and of no other', async () => {
    const { upgradeHash, findById } = provider()
    const user = (await findById('42')) as UserLike
    const from = user.hashedPassword ?? ''
    await upgradeHash?.(user, { from: 'what was stored before', to: 'too late' })
    expect(await hashOf('42')).toBe(from)
    await upgradeHash?.(user, { from, to: 'a stronger one' })
    expect([await hashOf('42'), await hashOf('bob')]).toEqual(['a stronger one', from])
  })

  test('is all that a login needs, by password and by token', async () => {
    const auth = createAuth({
      secret: SECRET,
      origin: ORIGIN,
      users: provider(),
      passwords: pbkdf2({ iterations: 110_000 }),
      authenticators: [sessionAuthenticator(), bearerAuthenticator()],
    })
    const handle = withAuth(auth, async (request, { auth: current }) => {
      const { username, password } = request.method === 'POST' ? await request.json() : {}
      if (username !== undefined) {
        const outcome = await current.login(username, password)
        return Response.json(outcome.ok ? outcome.token.userId : outcome.code)
      }
      return Response.json((await current.authenticate()).userId)
    })
    const browser = () => new TestBrowser(handle, ORIGIN)
    const answerTo = async (response: Promise<Response>) => {
      const { status, ok } = await response
      return ok ? (await response).json() : status
    }
    const login = (visitor: TestBrowser, username: string, password: string) =>
      answerTo(visitor.visit('/', { method: 'POST', json: { username, password } }))

    expect(await login(browser(), 'ada@example.com', 'wrong')).toBe('invalid_credentials')
    expect(await login(browser(), 'eve@example.com', PASSWORD)).toBe('invalid_credentials')
    for (const text of ['ada@example.com\0', '\0', 'ada\ud800@example.com', '😀', ''])
      expect(await login(browser(), text, PASSWORD)).toBe('invalid_credentials')

    const ada = browser()
    expect(await login(ada, 'ada@example.com', PASSWORD)).toBe('ada')
    expect(await hashOf('ada')).toMatch(/^\$pbkdf2-sha256\$i=110000/)
    expect(await answerTo(ada.get('/'))).toBe('ada')

    const bearer = (token: string) => answerTo(browser().get('/', { authorization: `Bearer ${token}` }))
    expect(await bearer(TOKEN.token)).toBe('ada')
    expect(await bearer(TOKEN.hash)).toBeNull()
  })
}

/** Other pages import nothing that is not installed at the root. This one shows files, which are compiled and run. */
export function testThatThePageShows(file: string): void {
  test('stands in docs/users.md as it was run', () => {
    const tests = path.resolve(import.meta.dirname, '..')
    const page = readFileSync(path.join(tests, '../docs/users.md'), 'utf8')
    expect(page).toContain(`\`\`\`typescript\n${readFileSync(path.join(tests, file), 'utf8')}\`\`\``)
  })
}
