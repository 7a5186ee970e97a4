import { bearerAuthenticator, createAuth, impersonation, sessionAuthenticator, type UserLike } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { TestBrowser } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ORIGIN, plain, SECRET } from '../../app.ts'

const HASH = 'plain:wonderland'
const usable = { id: '1', hashedPassword: HASH, scopes: ['auth:impersonate_others'] }

class ObjectId {
  toString(): string {
    return '507f1f77bcf86cd799439011'
  }
}

/** An app whose user table a test can break. */
function start() {
  const table: { row: unknown } = { row: usable }
  const find = () => table.row as UserLike
  const auth = createAuth({
    secret: SECRET,
    origin: ORIGIN,
    users: { findById: find, findByUsername: find, findByToken: find },
    passwords: plain,
    authenticators: [sessionAuthenticator(), bearerAuthenticator()],
    impersonation: impersonation(),
  })
  let message = ''
  const handle = withAuth(
    auth,
    async (request, { auth: current }) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/login') return Response.json((await current.login('a', 'wonderland')).ok)
      if (pathname === '/wrong') return Response.json((await current.login('a', 'guess')).ok)
      if (pathname === '/sso') return Response.json((await current.loginUser(find(), { method: 'sso' })).ok)
      if (pathname === '/changed') await current.passwordChanged(find())
      if (pathname === '/act') return Response.json((await current.impersonate('2')).ok)
      return Response.json((await current.authenticate()).userId)
    },
    {
      onError(error) {
        message = (error as Error).message
        return undefined
      },
    },
  )
  const browser = new TestBrowser(handle, ORIGIN)
  const ask = async (answer: Promise<Response>) => {
    message = ''
    const { status } = await answer
    return [status, message] as const
  }
  return { browser, ask, table }
}

const ROWS: readonly [sentence: string, row: unknown, message: string][] = [
  [
    'an id that is a bigint',
    { ...usable, id: 1n },
    '`id` is a bigint. Return a string, such as `String(row.id)`',
  ],
  [
    'an id that is an ObjectId',
    { ...usable, id: new ObjectId() },
    '`id` is an object (ObjectId). Return a string',
  ],
  ['an id that is bytes', { ...usable, id: Buffer.from('1') }, '`id` is an object (Buffer). Return a string'],
  [
    'an id beyond 2^53',
    { ...usable, id: 2 ** 53 },
    '`id` is a number that is not a safe integer: digits may be lost',
  ],
  ['an id that is a fraction', { ...usable, id: 1.5 }, '`id` is a number that is not a safe integer'],
  ['an id that is no number', { ...usable, id: Number.NaN }, '`id` is NaN'],
  ['an empty id', { ...usable, id: '' }, '`id` is an empty string'],
  [
    'an id with half a surrogate pair',
    { ...usable, id: '\ud800' },
    '`id` is a string with half a surrogate pair',
  ],
  ['no id', { hashedPassword: HASH }, '`id` is undefined (is the column selected?)'],
  ['an id that is null', { ...usable, id: null }, '`id` is null'],
  ['a list around it', [usable], '`users` returned a list. Return one user, or null.'],
  ['nothing but a list', [], '`users` returned a list'],
  [
    'a hash that is bytes',
    { ...usable, hashedPassword: Buffer.from(HASH) },
    '`hashedPassword` is an object (Buffer)',
  ],
  [
    'an epoch that is a bigint',
    { ...usable, sessionEpoch: 1n },
    '`sessionEpoch` is a bigint. Return a number',
  ],
  ['an epoch that is text', { ...usable, sessionEpoch: '7' }, '`sessionEpoch` is a string. Return a number'],
  ['an epoch that is a date', { ...usable, sessionEpoch: new Date() }, '`sessionEpoch` is an object (Date)'],
  ['an epoch that is no number', { ...usable, sessionEpoch: Number.NaN }, '`sessionEpoch` is NaN'],
]

describe.each(ROWS)('a user with %s', (_, row, message) => {
  const failure = [503, expect.stringContaining(message)]

  test('cannot log in, and the app is told why', async () => {
    const { browser, ask, table } = start()
    table.row = row
    expect(await ask(browser.post('/login'))).toEqual(failure)
    expect(await ask(browser.post('/sso'))).toEqual(failure)
    expect(browser.cookies.size).toBe(0)
    const bearer = browser.get('/', { authorization: 'Bearer acme_token' })
    expect(await ask(bearer)).toEqual(failure)
  })

  test('ends no session, and lets none pass', async () => {
    const { browser, ask, table } = start()
    await browser.post('/login')
    table.row = row
    expect(await ask(browser.get('/'))).toEqual(failure)
    expect(await ask(browser.post('/changed'))).toEqual(failure)
    table.row = usable
    expect(await (await browser.get('/')).json()).toBe('1')
  })
})

test('a wrong password for a user with an unusable id is a wrong password', async () => {
  const { browser, ask, table } = start()
  table.row = { ...usable, id: 1n }
  expect(await ask(browser.post('/wrong'))).toEqual([200, ''])
})

test('a hash that is neither text nor bytes is a wrong password, and named by a login without one', async () => {
  const { browser, ask, table } = start()
  table.row = { ...usable, hashedPassword: 42 }
  expect(await ask(browser.post('/login'))).toEqual([200, ''])
  const [status, message] = await ask(browser.post('/sso'))
  expect([status, message]).toEqual([
    503,
    expect.stringContaining('`hashedPassword` is a number. Return text'),
  ])
})

test('the message says nothing of the value', async () => {
  const { browser, ask, table } = start()
  for (const row of [
    { ...usable, hashedPassword: Buffer.from('s3cret') },
    { ...usable, id: { s3cret: 's3cret' } },
  ]) {
    table.row = row
    const [, message] = await ask(browser.post('/login'))
    expect(message).not.toContain('s3cret')
  }
})
