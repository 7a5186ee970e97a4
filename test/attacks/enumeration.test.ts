import { type AuthEvent, basicAuthenticator } from 'latchkey'
import { argon2id, isPasswordText } from 'latchkey/password'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, plain, type TestUser, testApp } from '../app.ts'

/** `é` as most keyboards send it, and as some of macOS do. */
const [NFC, NFD] = ['caf\u00e9', 'cafe\u0301']

function counted() {
  const verified: string[] = []
  const passwords = {
    ...plain,
    canVerify: (hashed: string) => hashed.startsWith('plain:'),
    verify: (text: string, hashed: string) => {
      verified.push(hashed)
      return plain.verify(text, hashed)
    },
  }
  return { passwords, verified }
}

const HOPELESS: readonly [sentence: string, username: string, user: Partial<TestUser> | null][] = [
  ['an unknown user', 'ghost', null],
  ['a user without a password', 'sso', null],
  ['a user with an empty hash', 'alice', { hashedPassword: '' }],
  ['a user with a hash of a kind that we cannot read', 'alice', { hashedPassword: '$2b$10$abc' }],
  ['a user whose hash is a number', 'alice', { hashedPassword: 7 as never }],
  ['a user whose hash is an object', 'alice', { hashedPassword: {} as never }],
  ['a user whose hash is undefined', 'alice', { hashedPassword: undefined as never }],
  ['a user whose hash is of bytes', 'alice', { hashedPassword: new Uint8Array(32) as never }],
]

describe('a login tells nothing about who has an account', () => {
  test.each(HOPELESS)(
    '%s costs one verification and comes to the same outcome',
    async (_, username, change) => {
      const { passwords, verified } = counted()
      const app = testApp({ passwords })
      if (change) app.users.change('alice', change)
      expect(await app.login(app.browser(), username, 'wrong')).toEqual({
        ok: false,
        code: 'invalid_credentials',
      })
      expect(verified).toHaveLength(1)
    },
  )

  test.each<(typeof HOPELESS)[number]>([...HOPELESS, ['a wrong password', 'alice', {}]])(
    '%s costs two where the text is not in NFC, by our own verifiers as by others',
    async (_, username, change) => {
      for (const verifyAsTyped of [undefined, true]) {
        const { passwords, verified } = counted()
        const own = verifyAsTyped && { verifyAsTyped: passwords.verify }
        const app = testApp({ passwords: { ...passwords, ...own } })
        if (change) app.users.change('alice', change)
        expect(await app.login(app.browser(), username, NFD)).toMatchObject({ code: 'invalid_credentials' })
        expect(verified).toHaveLength(2)
      }
    },
  )

  test.each([
    ['in NFC', NFC, 1],
    ['not in NFC', NFD, 2],
  ])('with argon2id a wrong text that is %s derives as often for a ghost', async (_, typed, times) => {
    let derived = 0
    const derive = async () => {
      derived++
      return new Uint8Array(32).fill(1)
    }
    const passwords = argon2id({ derive })
    const app = testApp({ passwords })
    app.users.change('alice', { hashedPassword: passwords.dummyHash })
    for (const username of ['alice', 'ghost', 'sso']) {
      derived = 0
      expect(await app.login(app.browser(), username, typed)).toMatchObject({ ok: false })
      expect(derived).toBe(times)
    }
  })

  test('a wrong password costs one verification and comes to the same outcome', async () => {
    const { passwords, verified } = counted()
    const app = testApp({ passwords })
    expect(await app.login(app.browser(), 'alice', 'wrong')).toEqual({
      ok: false,
      code: 'invalid_credentials',
    })
    expect(verified).toHaveLength(1)
  })

  test('the dummy hash lets nobody in, even whoever guesses its text', async () => {
    const app = testApp({ passwords: { ...plain, dummyHash: 'plain:dummy' } })
    expect(await app.login(app.browser(), 'ghost', 'dummy')).toMatchObject({ ok: false })
    expect(await app.login(app.browser(), 'sso', 'dummy')).toMatchObject({ ok: false })
  })

  test('a disabled account says so to the right password only', async () => {
    const app = testApp()
    app.users.change('alice', { disabled: true })
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toEqual({
      ok: false,
      code: 'rejected',
      reason: 'disabled',
    })
    expect(await app.login(app.browser(), 'alice', 'wrong')).toEqual({
      ok: false,
      code: 'invalid_credentials',
    })
  })

  test('with hideRejectionReason it does not say so at all', async () => {
    const app = testApp({ hideRejectionReason: true })
    app.users.change('alice', { disabled: true })
    expect(await app.login(app.browser(), 'alice', 'wonderland')).toEqual({
      ok: false,
      code: 'invalid_credentials',
    })
  })
})

const NO_NAMES: readonly [sentence: string, value: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 42],
  ['a list', ['alice']],
  ['an object', { $ne: null }],
  ['a file', new File(['x'], 'alice')],
  ['NUL', 'ali\0ce'],
  ['a lone surrogate', 'alice\ud800'],
  ['a name of 321 characters', 'a'.repeat(321)],
  ['a name of 18 characters that are 324 when folded', '\ufdfa'.repeat(18)],
]

describe('what is no name or password never reaches a provider', () => {
  const asked: unknown[] = []
  const app = () => {
    asked.length = 0
    return testApp({
      users: {
        findById: () => null,
        findByUsername: (name) => {
          asked.push(name)
          return { id: 'alice', hashedPassword: 'plain:x' }
        },
      },
    })
  }

  test.each(NO_NAMES)('%s as username', async (_, value) => {
    const { during, browser } = app()
    const outcome = await during(browser(), (auth) => auth.login(value, 'x'))
    expect(outcome).toEqual({ ok: false, code: 'invalid_credentials' })
    expect(asked).toEqual([])
  })

  test.each(NO_NAMES.filter(([name]) => !name.startsWith('a name')))('%s as password', async (_, value) => {
    const { during, browser } = app()
    const outcome = await during(browser(), (auth) => auth.login('alice', value))
    expect(outcome).toEqual({ ok: false, code: 'invalid_credentials' })
    expect(asked).toEqual([])
  })

  test.each([
    ['4,096 bytes are a password', 'x'.repeat(4096), true],
    ['4,097 bytes are none', 'x'.repeat(4097), false],
    ['4,098 bytes in 1,366 characters are none', '€'.repeat(1366), false],
    ['2,046 bytes that are 4,092 in NFC are a password', '\ufb2c'.repeat(682), true],
    ['2,049 bytes that are 4,098 in NFC are none', '\ufb2c'.repeat(683), false],
    ['4,098 bytes that are less in NFC are none', 'e\u0301'.repeat(1366), false],
    ['nothing is none', '', false],
    ['blanks around it belong to it', ' x ', true],
  ])('%s', async (_, password, reaches) => {
    const { during, browser } = app()
    await during(browser(), (auth) => auth.login('alice', password))
    expect(asked.length > 0).toBe(reaches)
    expect(isPasswordText(password)).toBe(reaches)
  })
})

describe('a hash that cannot be read is told to the app, and to nobody else', () => {
  const UNREADABLE: readonly [sentence: string, hashedPassword: unknown][] = [
    ['of another kind', '$2b$10$abc'],
    ['cut', 'plai'],
    ['of bytes', new Uint8Array(32)],
    ['a number', 7],
  ]
  const READABLE: readonly [sentence: string, username: string, change: Partial<TestUser> | null][] = [
    ['a wrong password', 'alice', {}],
    ['an unknown user', 'ghost', null],
    ['a user without a password', 'sso', null],
    ['an empty hash', 'alice', { hashedPassword: '' }],
  ]
  const failureOf = async (username: string, change: Partial<TestUser> | null) => {
    const events: AuthEvent<TestUser>[] = []
    const app = testApp({ passwords: counted().passwords, onEvent: (event) => events.push(event) })
    if (change) app.users.change('alice', change)
    const outcome = await app.login(app.browser(), username, 'wrong')
    expect(outcome).toEqual({ ok: false, code: 'invalid_credentials' })
    return events.map(({ at: _, address: __, actor: ___, ...event }) => event)
  }

  test.each(UNREADABLE)('%s', async (_, hashedPassword) => {
    const change = { hashedPassword: hashedPassword as string }
    const event = { type: 'login_failed', username: 'alice', why: 'unreadable_hash' }
    expect(await failureOf('alice', change)).toEqual([event])
  })

  test.each(READABLE)('%s is no such thing', async (_, username, change) => {
    expect(await failureOf(username, change)).toEqual([{ type: 'login_failed', username }])
  })

  test('also by HTTP Basic and at a re-authentication', async () => {
    const events: AuthEvent<TestUser>[] = []
    const passwords = counted().passwords
    const authenticators = [basicAuthenticator()]
    const app = testApp({ passwords, authenticators, onEvent: (event) => events.push(event) })
    app.users.change('alice', { hashedPassword: '$x' })
    const authorization = `Basic ${btoa('alice:wonderland')}`
    await opened(app.auth, new Request(ORIGIN, { headers: { authorization } })).auth.authenticate()
    await app.during(app.browser(), async (auth) => {
      await auth.loginUser(app.users.named('alice'))
      await auth.reauthenticate('wonderland')
    })
    const failed = events.filter(({ type }) => type === 'login_failed')
    expect(failed).toMatchObject([{ why: 'unreadable_hash' }, { why: 'unreadable_hash' }])
  })
})
