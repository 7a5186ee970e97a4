import { tokenAuthenticator } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { type Ask, challenge, GOOD, REALM, type Sent, start, TOKEN, verdict } from './by-token.ts'

describe('a bearer token lets in', () => {
  test.each([
    ['as it should be', `Bearer ${TOKEN}`, 'alice'],
    ['with the scheme in small letters', `bearer ${TOKEN}`, 'alice'],
    ['with the scheme in any mixture', `bEArEr ${TOKEN}`, 'alice'],
    ['with several spaces after it', `Bearer     ${TOKEN}`, 'alice'],
    ['with blanks around the whole, which no header keeps', ` \tBearer ${TOKEN} \t`, 'alice'],
    ['of all the characters that there are', 'Bearer A1-._~+/==', 'bob'],
  ])('%s', async (_, authorization, user) => {
    const answer = await start().ask({ authorization })
    expect([answer.status, await verdict(answer), challenge(answer)]).toEqual([200, user, null])
  })
})

describe('who shows no token is told 401 and no error (RFC 6750, 3.1)', () => {
  const form = new URLSearchParams({ access_token: TOKEN })
  const rows: readonly [sentence: string, headers: Sent, ask?: Ask][] = [
    ['no header', {}],
    ['an empty one', { authorization: '' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['a scheme that only begins alike', { authorization: `BearerX ${TOKEN}` }],
    ['a tab in place of the space', { authorization: `Bearer\t${TOKEN}` }],
    ['no space between', { authorization: `Bearer${TOKEN}` }],
    ['a colon in place of the space', { authorization: `Bearer:${TOKEN}` }],
    ['the token without a scheme', { authorization: TOKEN }],
    ['another scheme before it', { authorization: `Basic x, Bearer ${TOKEN}` }],
    ['a blank of Latin-1 before it', { authorization: `\xa0Bearer ${TOKEN}` }],
    ['the token in the query', {}, { path: `/?access_token=${TOKEN}` }],
    ['the token in a form', {}, { method: 'POST', body: form }],
    ['the token in a cookie', { cookie: `access_token=${TOKEN}; Authorization=Bearer ${TOKEN}` }],
    ['the header for proxies', { 'proxy-authorization': `Bearer ${TOKEN}` }],
    ['a header of an API key', { 'x-api-key': TOKEN }],
  ]
  test.each(rows)('%s', async (_, headers, ask) => {
    const app = start()
    const answer = await app.ask(headers, ask)
    expect([answer.status, await verdict(answer)]).toEqual([401, 'login_required'])
    expect(challenge(answer)).toBe(`Bearer ${REALM}`)
    expect(app.asked).toEqual([])
  })
})

describe('what is no token is told 400, and never reaches the provider', () => {
  test.each([
    ['the scheme alone', 'Bearer'],
    ['the scheme and spaces', 'Bearer   '],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`],
    ['a list', `Bearer ${TOKEN},${TOKEN}`],
    ['the header twice in one line', `Bearer ${TOKEN}, Bearer ${TOKEN}`],
    ['the scheme twice', `Bearer Bearer ${TOKEN}`],
    ['another scheme behind it', `Bearer ${TOKEN}, Basic x`],
    ['a tab inside', `Bearer ${TOKEN}\tx`],
    ['a tab before it', `Bearer \t${TOKEN}`],
    ['quotes', `Bearer "${TOKEN}"`],
    ['a parameter', `Bearer token="${TOKEN}"`],
    ['what is not ASCII', 'Bearer alic\u00e9'],
    ['a blank of Latin-1 behind it', `Bearer ${TOKEN}\xa0`],
    ['an escape', `Bearer ${TOKEN}%20`],
    ['an address, which is no token68', 'Bearer alice@example.test'],
    ['padding alone', 'Bearer =='],
    ['padding before it', `Bearer =${TOKEN}`],
    ['padding in the middle', 'Bearer ali=ce'],
    ['a semicolon', `Bearer ${TOKEN};`],
    ['a wildcard', 'Bearer *'],
    ['a quotation for SQL', "Bearer ' OR 1=1 --"],
    ['more than 8 kB', `Bearer ${'x'.repeat(8193)}`],
    ['a megabyte', `Bearer ${'x'.repeat(1_000_000)}`],
  ])('%s', async (_, authorization) => {
    const app = start()
    const answer = await app.ask({ authorization })
    expect([answer.status, await verdict(answer)]).toEqual([400, 'invalid_request'])
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="invalid_request"`)
    expect(app.asked).toEqual([])
  })

  test('two Authorization headers, both of them good', async () => {
    const app = start()
    const both: [string, string][] = [
      ['authorization', `Bearer ${TOKEN}`],
      ['authorization', `Bearer ${TOKEN}`],
    ]
    expect((await app.ask(both)).status).toBe(400)
    expect(app.asked).toEqual([])
  })
})

describe('a token that is nobody’s is told 401 invalid_token', () => {
  const rows: readonly [sentence: string, token: string, user?: unknown][] = [
    ['an unknown one', 'unknown'],
    ['the beginning of a good one', TOKEN.slice(0, -1)],
    ['a good one with more behind it', `${TOKEN}=`],
    ['a good one in capitals', TOKEN.toUpperCase()],
    ['the longest there is', 'x'.repeat(8192)],
    ['a username', 'alice'],
    ['an id', '42'],
    ['a stored password hash', 'plain'],
    ['a name that every object has', '__proto__'],
    ['one of a disabled user', 'carol-token'],
    ['one of a user who is gone', 'x', null],
    ['one for which the table says no', 'x', false],
  ]
  test.each(rows)('%s', async (_, token, user) => {
    const app = start()
    app.tokens.set('x', () => user)
    const answer = await app.ask({ authorization: `Bearer ${token}` })
    expect([answer.status, await verdict(answer)]).toEqual([401, 'invalid_token'])
    expect(challenge(answer)).toBe(`Bearer ${REALM}, error="invalid_token"`)
    expect(app.asked).toEqual([token])
  })

  const BROKEN: readonly [sentence: string, user: unknown][] = [
    ['a user whose id is empty', { id: '', hashedPassword: null }],
    ['a user whose id is no number', { id: Number.NaN, hashedPassword: null }],
    ['a user whose id is half a number', { id: 1.5, hashedPassword: null }],
    ['a user whose id is null', { id: null, hashedPassword: null }],
    ['a user whose id is a list', { id: ['alice'], hashedPassword: null }],
    ['a user whose id is half a character', { id: '\ud800', hashedPassword: null }],
    ['a row without an id', {}],
  ]
  test.each(BROKEN)('%s is a broken table: 503, and nobody gets in', async (_, user) => {
    const app = start()
    app.tokens.set('x', () => user)
    const answer = await app.ask({ authorization: 'Bearer x' })
    expect([answer.status, await verdict(answer)]).toEqual([503, 'backend_failed'])
    expect(challenge(answer)).toBeNull()
  })

  test('one whose user is disabled, or deleted, from then on', async () => {
    const { ask, users } = start()
    expect(await verdict(await ask(GOOD))).toBe('alice')
    users.change('alice', { disabled: true })
    expect(await verdict(await ask(GOOD))).toBe('invalid_token')
    users.change('alice', { disabled: false })
    expect(await verdict(await ask(GOOD))).toBe('alice')
    users.byId.delete('alice')
    expect(await verdict(await ask(GOOD))).toBe('invalid_token')
  })
})

describe('a token under a scheme of another name', () => {
  const app = () => start({ authenticators: [tokenAuthenticator('Custom')] })

  test.each([
    ['its own', `Custom ${TOKEN}`, 200, 'alice'],
    ['its own in capitals', `CUSTOM ${TOKEN}`, 200, 'alice'],
    ['its own, with spaces', `Custom    ${TOKEN}`, 200, 'alice'],
    ['another one', `Bearer ${TOKEN}`, 401, 'login_required'],
    ['one that begins alike', `Customs ${TOKEN}`, 401, 'login_required'],
    ['its own alone', 'Custom', 401, 'invalid_token'],
    ['its own and two tokens', `Custom ${TOKEN} x`, 401, 'invalid_token'],
    ['its own twice', `Custom ${TOKEN}, Custom ${TOKEN}`, 401, 'invalid_token'],
    ['its own and an unknown token', 'Custom unknown', 401, 'invalid_token'],
    ['its own and more than 8 kB', `Custom ${'x'.repeat(8193)}`, 401, 'invalid_token'],
    ['its own and a name', 'Custom alice', 401, 'invalid_token'],
  ])('%s', async (_, authorization, status, user) => {
    const answer = await app().ask({ authorization })
    expect(challenge(answer)).toBe(status === 200 ? null : `Custom ${REALM}`)
    expect([answer.status, await verdict(answer)]).toEqual([status, user])
  })

  test('says by which scheme the user came', async () => {
    const answer = await app().ask({ authorization: `Custom ${TOKEN}` })
    expect(await answer.json()).toMatchObject({ method: 'custom' })
  })

  test.each([
    ['nothing', ''],
    ['two words', 'My Token'],
    ['a colon', 'Token:'],
    ['a comma', 'A,B'],
    ['quotes', '"Token"'],
    ['a line break', 'Token\r\nX: y'],
    ['what is not ASCII', 'Schlüssel'],
    ['a number', 42],
    ['nothing at all', undefined],
  ])('a name that no header can carry is refused: %s', (_, scheme) => {
    expect(() => tokenAuthenticator(scheme as string)).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining('scheme') }),
    )
  })
})
