import { type AuthOptions, type DeviceList, memoryRecords, sealedSessions, storedSessions } from 'latchkey'
import { type TestBrowser, type TestClock, testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { type TestApp, type TestUser, testApp } from '../app.ts'

type Options = Partial<AuthOptions<TestUser, unknown>>

/** Two tenants with one secret and one store, whose users have the same ids. */
function tenants(
  options: (clock: TestClock) => Options,
  names: readonly [string | undefined, string | undefined],
): TestApp[] {
  const clock = testClock()
  const shared = options(clock)
  return names.map((namespace) =>
    testApp({ ...shared, ...(namespace === undefined ? {} : { namespace }) }, clock),
  )
}

/** The cookies of one app before another. */
function carried(from: TestBrowser, to: TestApp): TestBrowser {
  return Object.assign(to.browser(), { cookies: new Map(from.cookies) })
}

const KINDS: readonly [kind: string, options: (clock: TestClock) => Options][] = [
  ['sealed', () => ({ sessions: sealedSessions() })],
  [
    'sealed, with revocation',
    ({ now }) => ({ sessions: sealedSessions({ revocation: memoryRecords({ now }) }) }),
  ],
  ['stored', ({ now }) => ({ sessions: storedSessions(memoryRecords({ now })) })],
]

const NAMES: readonly [sentence: string, one: string | undefined, other: string | undefined][] = [
  ['two names', 'a', 'b'],
  ['one name and none', 'a', undefined],
  ['none and one name', undefined, 'a'],
  ['a name and one that begins with it', 'a', 'ab'],
  ['names that differ by a colon', 'a', '1:a'],
  ['names that differ by their case', 'a', 'A'],
  ['a name that looks like a label', undefined, 'seal/encryption'],
]

describe.each(KINDS)('tenants with one secret and one store: %s', (_, options) => {
  test.each(NAMES)('a cookie of one is worth nothing to the other: %s', async (_, one, other) => {
    const [a, b] = tenants(options, [one, other]) as [TestApp, TestApp]
    const browser = a.browser()
    await a.login(browser, 'sso', 'x')
    await a.during(browser, (auth) => auth.loginUser(a.users.named('sso')))
    expect(await a.whoIs(browser)).toBe('sso')
    expect(await b.whoIs(carried(browser, b))).toBeNull()
    expect(await a.whoIs(browser)).toBe('sso')
  })

  test('without names they are one app, which is why there is the option', async () => {
    const [a, b] = tenants(options, [undefined, undefined]) as [TestApp, TestApp]
    const browser = a.browser()
    await a.login(browser, 'alice', 'wonderland')
    expect(await b.whoIs(carried(browser, b))).toBe('alice')
  })
})

test('the list of devices shows and ends the sessions of one tenant alone', async () => {
  const [a, b] = tenants(({ now }) => ({ sessions: storedSessions(memoryRecords({ now })) }), ['a', 'b']) as [
    TestApp,
    TestApp,
  ]
  const [here, there] = [a.browser(), b.browser()]
  await a.login(here, 'alice', 'wonderland')
  await b.login(there, 'alice', 'wonderland')
  const listed = await a.during(here, (auth) => (auth.devices as DeviceList).listSessions())
  expect(listed).toHaveLength(1)
  await a.during(here, (auth) => (auth.devices as DeviceList).of('alice').revokeAll())
  expect([await a.whoIs(here), await b.whoIs(there)]).toEqual([null, 'alice'])
})

test.each([
  ['a number', 7],
  ['too long', 'x'.repeat(129)],
  ['half a character', '\ud800'],
  ['null', null],
] as const)('a namespace that is %s is refused', (_, namespace) => {
  expect(() => testApp({ namespace: namespace as string })).toThrow(/`namespace` must be/)
})
