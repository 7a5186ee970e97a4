import {
  type AuthOptions,
  cachedRecords,
  createAuth,
  eventuallyConsistentSessions,
  LatchkeyError,
  LoginManager,
  memoryLimiter,
  memoryRecords,
  memoryUsers,
  storedSessions,
} from 'latchkey'
import {
  type DurableObjectNamespaceLike,
  durableObjectRecords,
  type KvNamespaceLike,
  kvRecords,
} from 'latchkey/cloudflare'
import { argon2id, pbkdf2, scrypt } from 'latchkey/password'
import { describe, expect, test } from 'vitest'
import { plain, SECRET, type TestUser } from '../app.ts'

const users = memoryUsers<TestUser>([])
const OBJECTS = { idFromName: () => '', get: () => null } as unknown as DurableObjectNamespaceLike
const KV = { get: () => null, put: () => {}, delete: () => {} } as unknown as KvNamespaceLike
const GOOD = { secret: SECRET, users, passwords: plain }

const WRONG: readonly [sentence: string, options: object, says: RegExp][] = [
  ['no secret', { secret: undefined }, /`secret` is missing/],
  ['an empty list of secrets', { secret: [] }, /`secret` is missing/],
  ['an empty secret', { secret: '' }, /is missing/],
  ['a secret of 31 bytes', { secret: SECRET.slice(0, 31) }, /31 bytes and needs at least 32/],
  ['a short secret behind a good one', { secret: [SECRET, 'short'] }, /at least 32/],
  ['one character repeated', { secret: 'x'.repeat(64) }, /placeholder/],
  ['a placeholder', { secret: 'changeme-changeme-changeme-changeme' }, /placeholder/],
  ['a number as secret', { secret: 42 }, /secret/],
  ['a number in the list', { secret: [42] }, /string or a Uint8Array/],
  ['no users', { users: undefined }, /`users` needs a method `findById`/],
  ['users without findByUsername', { users: { findById: () => null } }, /`findByUsername`/],
  ['no passwords', { passwords: undefined }, /`passwords` needs a method `verify`/],
  ['passwords that could not hide unknown users', { passwords: { verify: () => true } }, /dummyHash/],
  ['an option that does not exist', { sesions: 1 }, /No option `sesions`/],
  ['a cookie option that does not exist', { cookie: { httpOnly: false } }, /No option `httpOnly`/],
  ['an idle time of zero', { idleSeconds: 0 }, /`idleSeconds`/],
  ['a negative absolute time', { absoluteSeconds: -1 }, /`absoluteSeconds`/],
  ['a time that is no number', { idleSeconds: '1h' }, /`idleSeconds`/],
  ['a time without end', { absoluteSeconds: Number.POSITIVE_INFINITY }, /`absoluteSeconds`/],
  ['renewal slower than the idle time', { idleSeconds: 60, touchSeconds: 60 }, /`touchSeconds`/],
  ['a fresh time of zero', { freshSeconds: 0 }, /`freshSeconds`/],
  ['a time limit of zero', { timeLimitSeconds: 0 }, /`timeLimitSeconds`/],
  ['a time limit that no timer can count', { timeLimitSeconds: 2_147_484 }, /`timeLimitSeconds`/],
  ['a throttle of zero', { throttle: { perAccount: 0 } }, /throttle.perAccount/],
  ['a throttle that is misspelt', { throttle: { perAcount: 3 } }, /No option `perAcount`/],
  ['a throttle that is no object', { throttle: true }, /`throttle` must be an object or false/],
  ['a throttle that is null', { throttle: null }, /`throttle` must be an object or false/],
  ['a throttle by the word of before', { throttle: { perAddress: 3 } }, /No option `perAddress`/],
  ['a limiter that was not called', { limiter: memoryLimiter }, /`memoryLimiter\(\)`/],
  ['a limiter that is none', { limiter: {} }, /`limiter` needs a method `reserve`/],
  ['a limiter that cannot forget', { limiter: { reserve() {}, settle() {} } }, /a method `forget`/],
  ['text as keys to carry', { keepVisitorData: 'cart' }, /`keepVisitorData` a list/],
  ['a cookie that is partitioned in words', { cookie: { partitioned: 'yes' } }, /`cookie.partitioned`/],
  ['a cookie that is secure in words', { cookie: { secure: 'no' } }, /`secure`/],
  ['a list as cookie', { cookie: ['x'] }, /No option `0`/],
  ['guards that are no functions', { guards: ['x'] }, /`guards`/],
  ['sessions that are none', { sessions: {} }, /`sessions`/],
  ['an origin with a path', { origin: 'https://app.test/' }, /exact origins/],
  ['an origin without a scheme', { origin: 'app.test' }, /exact origins/],
  ['an origin of another kind', { origin: 'ftp://app.test' }, /exact origins/],
  ['a wildcard among the trusted origins', { trustedOrigins: ['https://*.app.test'] }, /exact origins/],
  ['null among the trusted origins', { trustedOrigins: ['null'] }, /exact origins/],
  ['one trusted origin without a list', { trustedOrigins: 'https://a.test' }, /list/],
  ['trust in every proxy', { trustProxy: true }, /never `true`/],
  ['a negative number of proxies', { trustProxy: -1 }, /`trustProxy`/],
  ['a cookie name with a blank', { cookie: { name: 'my session' } }, /`cookie.name`/],
  ['a cookie name with an equals sign', { cookie: { name: 'a=b' } }, /`cookie.name`/],
  ['an empty cookie name', { cookie: { name: '' } }, /`cookie.name`/],
  ['a cookie name that is a prefix alone', { cookie: { name: '__Host-' } }, /`cookie.name`/],
  ['a cookie path that injects an attribute', { cookie: { path: '/; Domain=evil.test' } }, /`cookie.path`/],
  ['a cookie path without a slash', { cookie: { path: 'app' } }, /`cookie.path`/],
  ['a cookie domain with a leading dot', { cookie: { domain: '.app.test' } }, /`cookie.domain`/],
  [
    'a cookie domain that injects an attribute',
    { cookie: { domain: 'app.test; Path=/' } },
    /`cookie.domain`/,
  ],
  [
    'a cookie domain of another site',
    { origin: 'https://app.test', cookie: { domain: 'evil.test' } },
    /`cookie.domain` does not cover/,
  ],
  ['a SameSite that does not exist', { cookie: { sameSite: 'loose' } }, /`cookie.sameSite`/],
  ['__Host- with a path', { cookie: { name: '__Host-x', path: '/a' } }, /`__Host-`/],
  ['__Host- with a domain', { cookie: { name: '__Host-x', domain: 'app.test' } }, /`__Host-`/],
  ['__Host- and insecure', { cookie: { name: '__Host-x', insecure: true } }, /must be Secure/],
  ['__Secure- and insecure', { cookie: { name: '__Secure-x', insecure: true } }, /must be Secure/],
  ['secure and insecure', { cookie: { secure: true, insecure: true } }, /contradict each other/],
  ['SameSite none and insecure', { cookie: { sameSite: 'none', insecure: true } }, /Secure/],
  ['partitioned and insecure', { cookie: { partitioned: true, insecure: true } }, /Secure/],
  ['a cookie age of zero', { cookie: { maxAgeSeconds: 0 } }, /`cookie.maxAgeSeconds`/],
  ['a cookie age over 400 days', { cookie: { maxAgeSeconds: 34_560_001 } }, /`cookie.maxAgeSeconds`/],
]

describe('a wrong configuration is refused when it is built, and the message names the fix', () => {
  test.each(WRONG)('%s', (_, options, says) => {
    const build = () => createAuth({ ...GOOD, ...options } as AuthOptions<TestUser>)
    expect(build).toThrowError(says)
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  })

  test('no message holds the secret', () => {
    for (const secret of ['hunter2', 'x'.repeat(64), 'changeme-changeme-changeme-changeme']) {
      const build = () => createAuth({ ...GOOD, secret })
      expect(build).toThrowError(/`secret`/)
      expect(build).toThrowError(expect.objectContaining({ message: expect.not.stringContaining(secret) }))
    }
  })

  test('the login manager refuses options of createAuth, which it would ignore', () => {
    expect(() => new LoginManager({ ...GOOD, cookie: {} } as never)).toThrowError(/No option `cookie`/)
  })

  test.each([
    ['argon2id with too little memory', () => argon2id({ memoryKiB: 1024 })],
    ['argon2id with too much memory', () => argon2id({ memoryKiB: 2 ** 24 })],
    ['argon2id with half a pass', () => argon2id({ passes: 0.5 })],
    ['scrypt that is too cheap', () => scrypt({ N: 2 ** 10 })],
    ['scrypt with an N that is no power of two', () => scrypt({ N: 100_000 })],
    ['scrypt with too much memory', () => scrypt({ N: 2 ** 24 })],
    ['PBKDF2 that is too cheap', () => pbkdf2({ iterations: 1000 })],
    ['PBKDF2 that never ends', () => pbkdf2({ iterations: 1e9 })],
  ])('%s', (_, build) => expect(build).toThrowError(LatchkeyError))

  test.each([
    ['storedSessions of nothing', () => storedSessions(undefined as never)],
    ['storedSessions of what is no store', () => storedSessions({} as never)],
    ['storedSessions of a store that is eventually consistent', () => storedSessions(kvRecords(KV) as never)],
    ['eventuallyConsistentSessions of nothing', () => eventuallyConsistentSessions(undefined as never)],
    [
      'eventuallyConsistentSessions of another store',
      () => eventuallyConsistentSessions(memoryRecords() as never),
    ],
    ['cachedRecords of nothing', () => cachedRecords(undefined as never, { seconds: 5 })],
    ['Durable Objects whose binding is missing', () => durableObjectRecords(undefined as never)],
    ['Durable Objects of another binding', () => durableObjectRecords({ get: () => null } as never)],
    ['a misspelt option of Durable Objects', () => durableObjectRecords(OBJECTS, { prefx: '' } as never)],
    ['KV whose binding is missing', () => kvRecords(undefined as never)],
    ['a misspelt option of KV', () => kvRecords(KV, { prefx: '' } as never)],
  ])('%s', (_, build) =>
    expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' })),
  )

  test('what is right is built', () => {
    expect(durableObjectRecords(OBJECTS, { prefix: 'a:' })).toBeDefined()
    expect(kvRecords(KV, { prefix: 'a:' })).toBeDefined()
    for (const options of [
      {},
      { secret: [SECRET, new Uint8Array(32).map((_, i) => i)] },
      { idleSeconds: 0.5 + 1 },
    ]) {
      expect(createAuth({ ...GOOD, ...options })).toBeDefined()
    }
  })
})
