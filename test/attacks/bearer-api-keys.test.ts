import { type ApiKeyOptions, type AuthOptions, apiKeyAuthenticator } from 'latchkey'
import { describe, expect, test } from 'vitest'
import type { TestUser } from '../app.ts'
import { challenge, REALM, type Sent, start, TOKEN, verdict } from './by-token.ts'

describe('an API key', () => {
  const CHALLENGE = `ApiKey ${REALM}, header="X-Api-Key"`
  const withQuery = { authenticators: [apiKeyAuthenticator<TestUser>({ query: 'key' })] }
  const withHeader = { authenticators: [apiKeyAuthenticator<TestUser>()] }
  const own = { authenticators: [apiKeyAuthenticator<TestUser>({ header: 'X-Own' })] }

  const rows: readonly [
    sentence: string,
    options: Partial<AuthOptions<TestUser>>,
    headers: Sent,
    path: string,
    verdict: string,
    asked: string[],
  ][] = [
    ['in its header lets in', withHeader, { 'x-api-key': TOKEN }, '/', 'alice', [TOKEN]],
    ['in its header, in any case', withHeader, { 'X-API-KEY': TOKEN }, '/', 'alice', [TOKEN]],
    ['in a header of another name', own, { 'x-own': TOKEN }, '/', 'alice', [TOKEN]],
    ['not in the header that was not asked for', own, { 'x-api-key': TOKEN }, '/', 'login_required', []],
    ['that is missing', withHeader, {}, '/', 'login_required', []],
    ['that is empty', withHeader, { 'x-api-key': '' }, '/', 'login_required', []],
    ['that is unknown', withHeader, { 'x-api-key': 'unknown' }, '/', 'invalid_token', ['unknown']],
    ['of a disabled user', withHeader, { 'x-api-key': 'carol-token' }, '/', 'invalid_token', ['carol-token']],
    ['that is a name', withHeader, { 'x-api-key': 'alice' }, '/', 'invalid_token', ['alice']],
    [
      'of more than 8 kB is not looked up',
      withHeader,
      { 'x-api-key': 'x'.repeat(8193) },
      '/',
      'invalid_token',
      [],
    ],
    [
      'sent twice is neither',
      withHeader,
      [
        ['x-api-key', TOKEN],
        ['x-api-key', TOKEN],
      ],
      '/',
      'invalid_token',
      [`${TOKEN}, ${TOKEN}`],
    ],
    ['not in Authorization', withHeader, { authorization: `ApiKey ${TOKEN}` }, '/', 'login_required', []],
    ['not in a cookie', withHeader, { cookie: `X-Api-Key=${TOKEN}` }, '/', 'login_required', []],
    [
      'not in the query, unless asked for',
      withHeader,
      {},
      `/?X-Api-Key=${TOKEN}&key=${TOKEN}`,
      'login_required',
      [],
    ],
    ['in the query where asked for', withQuery, {}, `/?key=${TOKEN}`, 'alice', [TOKEN]],
    ['of several in the query the last', withQuery, {}, `/?key=unknown&key=${TOKEN}`, 'alice', [TOKEN]],
    [
      'of several in the query no other',
      withQuery,
      {},
      `/?key=${TOKEN}&key=unknown`,
      'invalid_token',
      ['unknown'],
    ],
    [
      'of several in the query the last, empty as it is',
      withQuery,
      {},
      `/?key=${TOKEN}&key=`,
      'login_required',
      [],
    ],
    [
      'in the query under exactly its name',
      withQuery,
      {},
      `/?KEY=${TOKEN}&key[]=${TOKEN}&keys=${TOKEN}`,
      'login_required',
      [],
    ],
    ['behind the fragment it is not read', withQuery, {}, `/#?key=${TOKEN}`, 'login_required', []],
    [
      'in the header counts before the query',
      withQuery,
      { 'x-api-key': 'unknown' },
      `/?key=${TOKEN}`,
      'invalid_token',
      ['unknown'],
    ],
    ['with NUL is not looked up', withQuery, {}, `/?key=${TOKEN}%00`, 'invalid_token', []],
    ['in the query, of more than 8 kB', withQuery, {}, `/?key=${'x'.repeat(8193)}`, 'invalid_token', []],
    ['in the query as a name', withQuery, {}, '/?key=alice', 'invalid_token', ['alice']],
  ]
  test.each(rows)('%s', async (_, options, headers, path, expected, asked) => {
    const app = start(options)
    const answer = await app.ask(headers, { path })
    expect(await verdict(answer)).toBe(expected)
    expect(answer.status).toBe(expected === 'alice' ? 200 : 401)
    expect(app.asked).toEqual(asked)
    if (options !== own) expect(challenge(answer)).toBe(expected === 'alice' ? null : CHALLENGE)
  })

  test('is not read from a form', async () => {
    const app = start(withQuery)
    const body = new URLSearchParams({ key: TOKEN, 'X-Api-Key': TOKEN })
    expect(await verdict(await app.ask({}, { method: 'POST', body }))).toBe('login_required')
  })

  test.each([
    ['Authorization', { header: 'Authorization' }, '`header`'],
    ['Authorization in small letters', { header: 'authorization' }, '`header`'],
    ['Cookie', { header: 'Cookie' }, '`header`'],
    ['an empty header', { header: '' }, '`header`'],
    ['a header with a blank', { header: 'X Key' }, '`header`'],
    ['a header with a colon', { header: 'X-Key:' }, '`header`'],
    ['a header with a line break', { header: 'X-Key\r\n' }, '`header`'],
    ['a header that is not ASCII', { header: 'X-Schlüssel' }, '`header`'],
    ['an empty query', { query: '' }, '`query`'],
    ['an option that does not exist', { querry: 'key' }, 'No option `querry`'],
  ])('is refused when it is built: %s', (_, options, named) => {
    expect(() => apiKeyAuthenticator(options as ApiKeyOptions)).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining(named) }),
    )
  })
})
