import { describe, expect, test } from 'vitest'
import { ORIGIN, opened } from '../app.ts'
import { ALICE, basic, start, verdict } from './by-basic.ts'

describe('finding out by Basic who has an account', () => {
  test.each([
    ['a wrong password', basic('alice', 'wrong')],
    ['an unknown user', basic('ghost', 'wrong')],
    ['an unknown user, by a mark of byte order before a name', basic('\ufeffalice', 'wonderland')],
    ['an unknown user, by another spelling of the umlaut', basic('ju\u0308rgen', 'wonderland')],
    ['no name at all', basic('', 'wonderland')],
    ['a user without a password', basic('sso', 'wrong')],
    ['a user whose hash nobody can read', basic('broken', 'wrong')],
  ])('%s costs one verification, and looks like any other', async (_, authorization) => {
    const { by, verified, users } = start()
    users.put('jürgen', { id: 'jürgen', hashedPassword: 'plain:wonderland' })
    users.put('broken', { id: 'broken', hashedPassword: '' })
    const answer = await by(authorization)
    expect(verified).toHaveLength(1)
    expect({
      ...Object.fromEntries(answer.headers),
      status: answer.status,
      body: await answer.text(),
    }).toEqual({
      status: 401,
      body: '{"ok":false,"code":"invalid_credentials"}',
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'www-authenticate': 'Basic realm="Protected access", charset="UTF-8"',
    })
  })

  test('a password with a mark of byte order before it is another password', async () => {
    const { by } = start()
    expect(await verdict(await by(basic('alice', '\ufeffwonderland')))).toBe('invalid_credentials')
  })
})

describe('guessing passwords by Basic', () => {
  const throttle = { perAccount: 3, perNetwork: 5, windowSeconds: 60 }
  const form = (app: ReturnType<typeof start>, password: string) =>
    opened(app.auth, new Request(ORIGIN, { method: 'POST' }), '192.0.2.1').auth.login('alice', password)

  test('ends with 429 and the time to wait, the right password included', async () => {
    const app = start({ throttle })
    for (const spelling of ['ALICE', ' alice ']) app.users.byName.set(spelling, 'alice')
    for (const spelling of ['alice', 'ALICE', ' alice ']) await app.by(basic(spelling, 'guess'))
    app.clock.advance(15)
    const answer = await app.by(ALICE)
    expect([answer.status, await verdict(answer)]).toEqual([429, 'throttled'])
    expect(answer.headers.get('retry-after')).toBe('45')
    expect(app.verified).toHaveLength(3)
    app.clock.advance(45)
    expect(await verdict(await app.by(ALICE))).toBe('alice')
  })

  test('uses up the attempts of the form', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 3; i++) await app.by(basic('alice', `guess-${i}`))
    expect(await form(app, 'wonderland')).toMatchObject({ code: 'throttled' })
  })

  test('finds those used up that the form has used', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 3; i++) await form(app, `guess-${i}`)
    expect((await app.by(ALICE)).status).toBe(429)
  })

  test('counts for the address as well', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 5; i++) await app.by(basic(`user-${i}`, 'guess'))
    expect((await app.by(ALICE)).status).toBe(429)
  })

  test('counts all of those that come at once', async () => {
    const app = start({ throttle: { ...throttle, perNetwork: 100 } })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => app.by(basic('alice', `${i}`))))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(17)
  })

  test('does not count a password that is right', async () => {
    const app = start({ throttle })
    for (let i = 0; i < 20; i++) expect(await verdict(await app.by(ALICE))).toBe('alice')
  })

  test('counts a password that is too long to be looked at for its name and network, and is no guess at the account', async () => {
    const app = start({ throttle })
    const tooLong = basic('alice', 'x'.repeat(4097))
    for (let i = 0; i < 3; i++) expect((await app.by(tooLong)).status).toBe(401)
    expect((await app.by(tooLong)).status).toBe(429)
    expect(await verdict(await app.by(ALICE))).toBe('alice')
    for (let i = 0; i < 2; i++) await app.by(basic('bob', 'x'.repeat(4097)))
    expect((await app.by(ALICE)).status).toBe(429)
    expect(app.asked).toEqual(['alice'])
  })
})
