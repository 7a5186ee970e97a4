import { type AuthOptions, basicAuthenticator, createApiToken } from 'latchkey'
import { describe, expect, test } from 'vitest'
import type { TestUser } from '../app.ts'
import { start } from './by-basic.ts'

describe('the realm', () => {
  const challengeOf = async (options: Partial<AuthOptions<TestUser>>) =>
    (await start(options).ask({})).headers.get('www-authenticate')

  test.each([
    ['plain text', 'Staff', 'Basic realm="Staff", charset="UTF-8"'],
    ['quotes and a backslash', 'a "b" \\c', 'Basic realm="a \\"b\\" \\\\c", charset="UTF-8"'],
    [
      'what would be another challenge',
      'x", Bearer realm="y',
      'Basic realm="x\\", Bearer realm=\\"y", charset="UTF-8"',
    ],
    ['nothing', '', 'Basic realm="", charset="UTF-8"'],
  ])('%s', async (_, realm, header) => {
    expect(await challengeOf({ realm })).toBe(header)
    expect(await challengeOf({ authenticators: [basicAuthenticator({ realm })], realm: 'Other' })).toBe(
      header,
    )
  })

  test.each([
    ['a line break', 'a\r\nSet-Cookie: x=1'],
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['NUL', 'a\0b'],
    ['a tab', 'a\tb'],
    ['what is not ASCII', 'Zürich'],
    ['a number', 42],
    ['null', null],
  ])('%s is refused when it is built', (_, realm) => {
    const refused = expect.objectContaining({
      code: 'invalid_configuration',
      message: expect.stringContaining('realm'),
    })
    expect(() => start({ realm: realm as string })).toThrowError(refused)
    expect(() => basicAuthenticator({ realm: realm as string })).toThrowError(refused)
  })
})

test('a misspelt option is refused, or it would be a protection that is silently off', () => {
  expect(() => basicAuthenticator({ relm: 'x' } as never)).toThrowError('`relm`')
  expect(() => createApiToken({ prefx: 'x' } as never)).toThrowError('`prefx`')
})
