import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  basicAuthenticator,
  bearerAuthenticator,
  createAuth,
  memoryRecords,
  memoryUsers,
  sealedSessions,
  sessionAuthenticator,
  storedSessions,
  type UserLike,
} from 'latchkey'
import { expect, test } from 'vitest'
import { BoundedMap } from '../../src/base/bounded-map.ts'
import { ORIGIN, opened, plain, SECRET } from '../app.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const REQUESTS = 400
const PADDING = 15_000

/** A header's worth of text that no other request has. */
const padding = (i: number): string => `${i}-`.padEnd(PADDING, String.fromCharCode(97 + (i % 26)))

function heldBytes(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** How many bytes are held after `use` has seen `REQUESTS` requests and their paddings are gone. */
async function heldAfter(use: (i: number) => unknown): Promise<number> {
  for (let i = 0; i < 20; i++) await use(-1 - i)
  const before = heldBytes()
  for (let i = 0; i < REQUESTS; i++) await use(i)
  return heldBytes() - before
}

const user = { id: 'alice', hashedPassword: 'plain:wonderland' }
const users = memoryUsers<UserLike>([{ username: 'alice', user }])
const options = { secret: SECRET, origin: ORIGIN, users, passwords: plain, throttle: false } as const

type Sent = Readonly<Record<string, string>>
const requestWith = (headers: Sent): Request => new Request(ORIGIN, { headers })
const digits = (i: number): string => String(i + 100).padStart(43, '0')

/** What remembers something of a request, and the requests that it remembers. Each returns what it keeps. */
const CASES: readonly [
  sentence: string,
  make: () =>
    | { use(i: number): unknown; keeps: unknown }
    | Promise<{ use(i: number): unknown; keeps: unknown }>,
][] = [
  [
    'the id of a made-up session token',
    () => {
      const auth = createAuth({ ...options, sessions: storedSessions(memoryRecords()) })
      const use = (i: number) => {
        const cookie = `__Host-session=1.${digits(i)}; padding=${padding(i)}`
        return opened(auth, requestWith({ cookie })).auth.authenticate()
      }
      return { use, keeps: auth }
    },
  ],
  [
    'an opened seal',
    async () => {
      const maker = createAuth({ ...options, sessions: sealedSessions() })
      const auth = createAuth({ ...options, sessions: sealedSessions() })
      const values: string[] = []
      for (let i = 0; i < REQUESTS + 20; i++) {
        const visit = opened(maker, new Request(ORIGIN))
        visit.auth.session.set('i', i)
        const { cookies } = await visit.close({ failed: false })
        values.push(cookies[0]?.value as string)
      }
      const use = async (i: number) => {
        const cookie = `__Host-session=${values.at(i)}; padding=${padding(i)}`
        const visit = opened(auth, requestWith({ cookie }))
        expect(await visit.auth.session.get('i')).toBeTypeOf('number')
      }
      return { use, keeps: [auth, values] }
    },
  ],
  [
    'an entry of a cache that is read again',
    () => {
      const map = new BoundedMap<string, number>(2 * REQUESTS + 100)
      for (let i = -20; i < REQUESTS; i++) map.set(digits(i), i)
      // These fill the young half: what is read from here on is in the old one and moves up.
      for (let i = 0; i < 31; i++) map.set(`other ${i}`, i)
      const use = (i: number) => {
        const text = `${digits(i)}; padding=${padding(i)}`
        expect(map.get(text.slice(0, 43))).toBe(i)
      }
      return { use, keeps: map }
    },
  ],
  [
    'address and browser of a login, for the device list',
    () => {
      const sessions = storedSessions(memoryRecords(), { keepAddress: true, keepUserAgent: true })
      const auth = createAuth({ ...options, sessions, trustProxy: 1 })
      const use = async (i: number) => {
        const sent = {
          'x-forwarded-for': `${padding(i)}, 203.100.100.${100 + (i & 63)}`,
          'user-agent': `Browser ${padding(i)}`,
        }
        const visit = opened(auth, requestWith(sent))
        await visit.auth.loginUser(user)
        await visit.close({ failed: false })
      }
      return { use, keeps: auth }
    },
  ],
  [
    'the address in an event',
    () => {
      const events: unknown[] = []
      const auth = createAuth({ ...options, trustProxy: 1, onEvent: (event) => events.push(event) })
      const use = (i: number) => {
        const sent = { 'x-forwarded-for': `${padding(i)}, 203.100.100.${100 + (i & 63)}` }
        return opened(auth, requestWith(sent)).auth.login('alice', 'wrong')
      }
      return { use, keeps: [auth, events] }
    },
  ],
  [
    'the origin in an event',
    () => {
      const events: unknown[] = []
      const auth = createAuth({ ...options, onEvent: (event) => events.push(event) })
      const use = (i: number) => {
        const headers = { origin: `https://${padding(i)}` }
        const denied = auth.open(new Request(ORIGIN, { method: 'POST', headers }))
        expect(denied).toMatchObject({ status: 403 })
      }
      return { use, keeps: [auth, events] }
    },
  ],
  [
    'the name of HTTP Basic in an event, which would keep the password too',
    () => {
      const events: unknown[] = []
      const authenticators = [basicAuthenticator<UserLike>()]
      const auth = createAuth({ ...options, authenticators, onEvent: (event) => events.push(event) })
      const use = (i: number) => {
        const authorization = `Basic ${btoa(`nobody-by-this-name-${i + 20}:${padding(i)}`)}`
        return opened(auth, requestWith({ authorization })).auth.authenticate()
      }
      return { use, keeps: [auth, events] }
    },
  ],
  [
    'a token that the user provider remembers',
    () => {
      const seen: string[] = []
      const findByToken = (token: string) => {
        seen.push(token)
        return null
      }
      const authenticators = [sessionAuthenticator<UserLike>(), bearerAuthenticator<UserLike>()]
      const auth = createAuth({ ...options, users: { ...users, findByToken }, authenticators })
      const use = (i: number) => {
        const authorization = `Bearer${' '.repeat(PADDING)}${digits(i)}`
        return opened(auth, requestWith({ authorization })).auth.authenticate()
      }
      return { use, keeps: [auth, seen] }
    },
  ],
  [
    'a session value that the app cut from a header',
    () => {
      const auth = createAuth({ ...options, sessions: storedSessions(memoryRecords()) })
      const use = async (i: number) => {
        const visit = opened(auth, requestWith({ 'accept-language': padding(i) }))
        const header = visit.auth.request.headers.get('accept-language') ?? ''
        visit.auth.session.set('language', { first: header.slice(0, 20), all: [header.slice(2, 30)] })
        await visit.close({ failed: false })
      }
      return { use, keeps: auth }
    },
  ],
]

test.each(CASES)('nothing remembered holds on to the header that it was cut from: %s', async (_, make) => {
  const { use, keeps } = await make()
  const held = await heldAfter(use)
  // 6 MB of headers have gone by.
  expect(held).toBeLessThan((REQUESTS * PADDING) / 4)
  expect(keeps).toBeDefined()
})
