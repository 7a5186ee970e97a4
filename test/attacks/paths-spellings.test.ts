import type { ProtectPathsOptions } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { judged, RULES, start } from './by-path.ts'

const PROTECTED: readonly string[] = [
  '/admin',
  '/admin/',
  '/admin//',
  '/admin/users',
  '/admin/users/',
  '/admin/area/public',
  '/area',
  '/area/',
  '/area/x',
  '/area/x/public',
  // Slashes that are collapsed, and dots that are resolved.
  '//admin',
  '///admin',
  '//admin//users',
  '/./admin',
  '/admin/.',
  '/admin/./users',
  '/x/../admin',
  '/../admin',
  '/../../../admin',
  '/admin/users/..',
  '/area/public/..',
  '/area/public/../',
  '/area/public/../x',
  '/area/public/../../admin',
  '/area/public/x/../../x',
  '/area/health/../public/../x',
  '/area/./x/./public',
  // The same with the dots encoded.
  '/%2e/admin',
  '/%2e%2e/admin',
  '/x/%2e%2e/admin',
  '/x/.%2e/admin',
  '/x/%2E./admin',
  '/area/public/%2e%2e',
  '/area/public/%2e%2E/x',
  '/area/public/.%2e/.%2E/admin',
  // Backslashes, which are slashes in an address.
  '/\\admin',
  '/x\\..\\admin',
  '/area\\x',
  '/area/public\\..\\x',
  '/area/public/..\\x',
  // Letters, encoded once.
  '/%61dmin',
  '/adm%69n',
  '/%61%64%6D%69%6e',
  '/%61rea/x',
  '/area/publi%63ity',
  '/area/%78',
  '/%61dmin/%2e',
  // What an address drops.
  '/ad\tmin',
  '/ad\nmin',
  '/\radmin',
  '/area/pub\tlicity',
  // Query and fragment.
  '/admin?',
  '/admin#',
  '/admin?x=/area/public',
  '/admin?/../area/public',
  '/admin?#/area/public',
  '/admin#/../area/public',
  '/area?/public',
  '/area#/public',
  '/area/?public',
  '/area/%2e?/public',
  // What looks like a public one.
  '/area/publicity',
  '/area/public2',
  '/area/publi',
  '/area/Public',
  '/area/PUBLIC',
  '/area/public.',
  '/area/public.html',
  '/area/public;x',
  '/area/public;/x',
  '/area/;/public',
  '/area/public%20',
  '/area/%20public',
  '/area/public%09',
  '/area/public%3Fx',
  '/area/public%23',
  '/area/public,health',
  '/area/healthz',
  '/area/pub\u200blic',
  '/area/\uff50ublic',
  '/area/publi\u0441',
  '/area/.../public',
  '/area/*',
  '/area/~/public',
  // An empty segment: not every router takes it away, so nothing is lifted.
  '/area//public',
  '/area//public/x',
  '/area/public//',
  '/area/public//x',
  '/area/public/x//y',
  '/area///public',
  '/area//health',
  '//area/public',
  // The data of a protected page, as React Router, Remix and Next ask for it.
  '/admin.data',
  '/admin.data.data',
  '/admin.data?_routes=routes%2Fadmin',
  '/admin%2edata',
  '/admin/users.data',
  '/admin/_.data',
  '/admin/.data',
  '/admin.rsc',
  '/admin.rsc.data',
  '/area.data',
  '/area/x.data',
  // That of a public one, where the adapter does not say that it is.
  '/area/public.data',
]

const UNCLEAR: readonly string[] = [
  // Slashes, backslashes and NUL, encoded.
  '/%2fadmin',
  '/%2Fadmin',
  '/admin%2f',
  '/admin%2fusers',
  '/admin%2F..',
  '/area%2fx',
  '/area%2fpublic',
  '/area/public%2f..%2fx',
  '/area/public/..%2fx',
  '/area/public/%2e%2e%2fx',
  '/x%2f..%2fadmin',
  '/%5cadmin',
  '/%5Cadmin',
  '/area/public%5c..%5cx',
  '/area/public/..%5cx',
  '/admin%00',
  '/%00/admin',
  '/admin%00.html',
  '/area/public%00',
  // Encoded twice, or in part.
  '/%2561dmin',
  '/%25%36%31dmin',
  '/%252fadmin',
  '/%25252fadmin',
  '/admin%252f',
  '/area/public/%252e%252e/x',
  '/area/public/.%252e/x',
  '/area/public/%25%32%65%25%32%65/x',
  '/area/public%255c..%255cx',
  '/area/public%2500',
  // Malformed.
  '/%',
  '/%zz',
  '/%6',
  '/admin%',
  '/admin%2',
  '/admin%u0000',
  '/%u0061dmin',
  '/area/public/%%32%65',
  // UTF-8 that is none, or longer than it need be.
  '/%ff',
  '/%c1%a1dmin',
  '/%c0%afadmin',
  '/area/public/%c0%ae%c0%ae/x',
  '/area/public%c0%af..%c0%afx',
  '/%e0%80%afadmin',
  '/%f0%80%80%afadmin',
  '/%ed%a0%80',
]

const OPEN: readonly string[] = [
  '/',
  '/x',
  '/area/public',
  '/area/public/',
  '/area/public/x',
  '/area/public/admin',
  '/area/public?x=/admin',
  '/area/public#/admin',
  '/area/public/%2e',
  '/area/./public',
  '/area/x/../public',
  '/area/%70ublic',
  '/area/public/x/../y',
  // By the standard for addresses dots take an empty segment away, or one of any kind.
  '/x//../admin',
  '/area/public/%00/../x',
  '/admin/../area/public',
  '/area/health',
  '/area/health/live',
  // Other paths than those that are protected, and so for a router.
  '/areal',
  '/areal/x',
  '/area2/x',
  '/are',
  '/administrator',
  '/admin-panel',
  '/admin.json',
  '/admin.',
  '/admin;x=1',
  '/admin%20',
  '/%20admin',
  '/admin%3Fx',
  '/ADMIN',
  '/Area/x',
  '/x/admin',
  '/x?/admin',
  '/x#/admin',
  '/x?next=/admin',
  '/\u0430dmin',
  '/\uff41dmin',
  '/adm\u0131n',
  '/admin\u200b',
  '/%EF%BC%8Fadmin',
  '/100%25',
  '/%25/x',
]

describe('spellings of a protected path are answered 401, and no handler is asked', () => {
  const { ask, login } = start()
  test.each(PROTECTED)('%j', async (path) => {
    expect(await judged(await ask(path))).toBe(401)
    expect(await judged(await ask(path, { headers: { cookie: await login() } }))).toBe('marker')
  })
})

describe('what could be one path here and another further on is answered 400, to users as well', () => {
  const { ask, login } = start()
  test.each(UNCLEAR)('%j', async (path) => {
    expect(await judged(await ask(path))).toBe(400)
    expect(await judged(await ask(path, { headers: { cookie: await login() } }))).toBe(400)
  })

  test('whatever becomes of nobody', async () => {
    const strategies: ProtectPathsOptions[] = [
      { ...RULES, onFailure: 'continue' },
      { ...RULES, onFailure: 'throw' },
      { ...RULES, onFailure: () => null },
      { ...RULES, redirectTo: '/login' },
    ]
    for (const rules of strategies)
      expect(await judged(await start(rules).ask('/area/public/..%2fx'))).toBe(400)
  })
})

describe('all others stay open', () => {
  const { ask } = start()
  test.each(OPEN)('%j', async (path) => expect(await judged(await ask(path))).toBe('marker'))
})

describe('very long paths', () => {
  const { ask } = start()
  test.each([
    ['below a protected one', `/admin/${'x'.repeat(100_000)}`, 401],
    ['of many segments', `/admin${'/x'.repeat(50_000)}`, 401],
    ['of slashes', `${'/'.repeat(100_000)}admin`, 401],
    ['of dots', `/${'x/../'.repeat(20_000)}admin`, 401],
    ['of escapes', `/admin/${'%61'.repeat(50_000)}`, 401],
    ['of escapes that are none', `/${'%2'.repeat(50_000)}`, 400],
    ['of percent signs', `/admin/${'%25'.repeat(50_000)}zz`, 401],
    ['beside all', `/x${'/admin'.repeat(20_000)}`, 'marker'],
  ])('%s', async (_, path, expected) => expect(await judged(await ask(path))).toBe(expected))
})
