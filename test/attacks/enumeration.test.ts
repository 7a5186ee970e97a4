import { describe, expect, test } from 'vitest'
import { plain, type TestUser, testApp } from '../app.ts'

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
    ['blanks around it belong to it', ' x ', true],
  ])('%s', async (_, password, reaches) => {
    const { during, browser } = app()
    await during(browser(), (auth) => auth.login('alice', password))
    expect(asked.length > 0).toBe(reaches)
  })
})
