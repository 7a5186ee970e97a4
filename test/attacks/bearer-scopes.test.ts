import { bearerAuthenticator, sessionAuthenticator } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { challenge, GOOD, REALM, start, verdict } from './by-token.ts'

describe('a scope that is missing is told 403, and which it is', () => {
  test.each([
    ['one that he has', ['read'], 200, null],
    ['all that he has', ['write', 'read'], 200, null],
    ['none', [], 200, null],
    ['one that he has not', ['admin'], 403, 'admin'],
    ['one of two', ['read', 'admin'], 403, 'read admin'],
    ['the beginning of one', ['rea'], 403, 'rea'],
    ['more than one of his', ['read:all'], 403, 'read:all'],
    ['one of his in capitals', ['READ'], 403, 'READ'],
    ['two in one', ['read write', 'admin'], 403, 'admin'],
  ])('%s', async (_, scopes, status, named) => {
    const answer = await start().ask(GOOD, { scopes })
    expect(answer.status).toBe(status)
    if (status === 200) return
    expect(await verdict(answer)).toBe('insufficient_scope')
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="insufficient_scope", scope="${named}"`)
  })

  const hostile: readonly [sentence: string, scope: unknown][] = [
    ['that ends the quotes', 'x", error="none'],
    ['that begins another challenge', 'x", Basic realm="y'],
    ['with a line break', 'x\r\nSet-Cookie: session=evil'],
    ['with a line feed', 'x\ny'],
    ['with a backslash', 'x\\'],
    ['with NUL', 'x\0'],
    ['with a blank', 'read x'],
    ['that is not ASCII', 'größe'],
    ['that is empty', ''],
    ['that is no text', 42],
    ['that is a list', ['read']],
  ]
  test.each(hostile)('one %s, straight from a query, says nothing in a header', async (_, scope) => {
    const { ask } = start()
    const answer = await ask(GOOD, { scopes: [scope, 'admin'] })
    expect(answer.status).toBe(403)
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="insufficient_scope", scope="admin"`)
    const alone = await ask(GOOD, { scopes: [scope] })
    expect(alone.status).toBe(403)
    expect(challenge(alone)).toMatch(
      /^Bearer realm="Protected access", error="insufficient_scope"(, scope="")?$/,
    )
    expect([...alone.headers.keys()].toSorted()).toEqual([
      'cache-control',
      'content-type',
      'www-authenticate',
    ])
  })

  test('where none can be named, none is: an empty list of scopes is no such list (RFC 6749, A.4)', async () => {
    const answer = await start().ask(GOOD, { scopes: ['two words'] })
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="insufficient_scope"`)
  })

  test.each([
    ['are one text', 'admin'],
    ['are an object', { admin: true, includes: () => true }],
    ['are null', null],
  ])('whose scopes %s has none', async (_, scopes) => {
    const { ask, users } = start()
    users.change('alice', { scopes: scopes as never })
    expect((await ask(GOOD, { scopes: ['admin'] })).status).toBe(403)
  })

  test('whoever is nobody is told so, and not which scope it takes', async () => {
    const answer = await start().ask({}, { scopes: ['admin'] })
    expect([answer.status, challenge(answer)]).toEqual([401, `Bearer ${REALM}`])
  })

  test('to a session no challenge says anything', async () => {
    const { ask, login } = start({ authenticators: [sessionAuthenticator(), bearerAuthenticator()] })
    const browser = await login('bob')
    const answer = await ask({ cookie: browser.cookieHeader }, { scopes: ['admin'] })
    expect([answer.status, challenge(answer)]).toEqual([403, null])
  })
})
