import fc from 'fast-check'
import { safeRedirectPath } from 'latchkey'
import { describe, expect, test } from 'vitest'

const BASE = 'https://app.test'

const TO_FALLBACK: readonly [sentence: string, target: unknown][] = [
  ['another site', 'https://evil.test/'],
  ['a host without scheme', '//evil.test'],
  ['a host behind a backslash', '/\\evil.test'],
  ['two backslashes', '\\\\evil.test'],
  ['backslash, slash', '\\/evil.test'],
  ['three slashes', '///evil.test'],
  ['the scheme of another site in capitals', 'HTTPS://EVIL.test'],
  ['a tab before the host', '/\t/evil.test'],
  ['a newline before the host', '/\n/evil.test'],
  ['a carriage return before the host', '\r\n//evil.test'],
  ['blanks in front', '  //evil.test'],
  ['a control character in front', '\u0001//evil.test'],
  ['a dot segment that leaves a double slash', '/.//evil.test'],
  ['dot segments that leave a double slash', '/a/..//evil.test'],
  ['an encoded dot segment that leaves a double slash', '/%2e//evil.test'],
  ['the app’s own origin with a double slash', 'https://app.test//evil.test'],
  ['the app as a user name', 'https://app.test@evil.test/'],
  ['the app as a subdomain', 'https://app.test.evil.test/'],
  ['the app on another port', 'https://app.test:444/'],
  ['the app over http', 'http://app.test/'],
  ['a script', 'javascript:alert(1)'],
  ['a script with a tab', 'java\tscript:alert(1)'],
  ['data', 'data:text/html,x'],
  ['a blob of the app’s own', 'blob:https://app.test/0000'],
  ['a file', 'file:///etc/passwd'],
  ['an empty string', ''],
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['a list', ['/x']],
  ['an object that turns into a path', { toString: () => '/x' }],
  ['a bad port', 'https://app.test:99999/'],
  ['an address that no parser takes', 'http://['],
  ['a target that is too long', `/${'x'.repeat(3000)}`],
]

const KEPT: readonly [sentence: string, target: string, result: string][] = [
  ['a path', '/app', '/app'],
  ['a path with query and fragment', '/a?b=c&d=%2Fe#f', '/a?b=c&d=%2Fe#f'],
  ['a relative path', 'app', '/app'],
  ['the root', '/', '/'],
  ['a scheme without slashes, which to a browser is a path of the app', 'https:evil.test/', '/evil.test/'],
  ['an absolute address of the app', 'https://app.test/x', '/x'],
  ['a query alone', '?tab=2', '/?tab=2'],
  ['an encoded backslash, which is no backslash', '/%5Cevil.test', '/%5Cevil.test'],
  ['an encoded slash, which is no slash', '/%2Fevil.test', '/%2Fevil.test'],
  ['dots that stay inside', '/a/../b', '/b'],
  ['a colon in a path', '/a:b', '/a:b'],
  ['text beyond ASCII, encoded', '/ü?q=ü', '/%C3%BC?q=%C3%BC'],
]

describe('the way back after a login', () => {
  test.each(TO_FALLBACK)('%s leads to the fallback', (_, target) => {
    expect(safeRedirectPath(target, BASE, '/home')).toBe('/home')
  })

  test.each(KEPT)('%s is kept', (_, target, result) => expect(safeRedirectPath(target, BASE)).toBe(result))

  test('whatever comes in, a browser stays on the app', () => {
    const nasty = fc.stringMatching(/^[/\\.:@?#%\t\n a-z0-9-]{0,24}$/)
    fc.assert(
      fc.property(nasty, (target) => {
        const answer = safeRedirectPath(target, BASE)
        expect(new URL(answer, `${BASE}/login`).origin).toBe(BASE)
        expect(answer).toMatch(/^\/(?![/\\])/)
      }),
      { numRuns: 5000 },
    )
  })
})
