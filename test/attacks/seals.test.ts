import { defaults, seal, unseal } from 'iron-webcrypto'
import { sealedSessions } from 'latchkey'
import { beforeAll, describe, expect, test } from 'vitest'
import { Keyring } from '../../src/crypto/keys.ts'
import { Sealer } from '../../src/crypto/seal.ts'
import { SECRET, type TestApp, testApp } from '../app.ts'

const OTHER_SECRET = 'another-test-secret-of-more-than-32-bytes'
const NAME = '__Host-session'
const app: TestApp = testApp({ sessions: sealedSessions() })
let good = ''

beforeAll(async () => {
  const browser = app.browser()
  await app.login(browser, 'alice', 'wonderland')
  good = browser.cookies.get(NAME) ?? ''
})

async function whoHolds(value: string): Promise<unknown> {
  const browser = app.browser()
  browser.cookies.set(NAME, value)
  return app.during(browser, async (auth) => {
    const { userId, reason } = await auth.authenticate()
    return { userId, reason }
  })
}

const part = (index: number, change: (text: string) => string): (() => string) => {
  return () => {
    const parts = good.split('*')
    parts[index] = change(parts[index] ?? '')
    return parts.join('*')
  }
}
const flip = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
/** The same bytes to a lenient decoder: one of the unused bits of the last character set. */
const respell = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1]
}

const BAD: readonly [sentence: string, value: () => string][] = [
  ['an altered prefix', part(0, () => 'Fe26.1')],
  ['an altered key id', part(1, () => '00000000')],
  ['a key id of an object’s own', part(1, () => '__proto__')],
  ['an empty key id', part(1, () => '')],
  ['an added salt', part(2, () => 'aaaa')],
  ['an altered IV', part(3, flip)],
  ['a respelled IV', part(3, respell)],
  ['an altered ciphertext', part(4, flip)],
  ['a ciphertext cut by a block', part(4, (text) => text.slice(0, -22))],
  ['no ciphertext', part(4, () => '')],
  ['a later expiry', part(5, (text) => String(Number(text) + 1))],
  ['no expiry', part(5, () => '')],
  ['an expiry of zero', part(5, () => '0')],
  ['an expiry with a sign', part(5, (text) => `+${text.slice(1)}`)],
  ['an expiry in hexadecimal', part(5, () => '0xfffffffffff')],
  ['an added MAC salt', part(6, () => 'aaaa')],
  ['an altered MAC', part(7, flip)],
  ['a respelled MAC, which iron itself opens', part(7, respell)],
  ['a MAC with padding', part(7, (text) => `${text}=`)],
  ['a MAC in the other alphabet', part(7, (text) => `${text.slice(0, -1)}+`)],
  ['a cut MAC', part(7, (text) => text.slice(0, -1))],
  ['a ninth part', () => `${good}*x`],
  ['seven parts', () => good.split('*').slice(0, 7).join('*')],
  ['itself twice', () => good + good],
  ['upper case', () => good.toUpperCase()],
  ['quotes around it', () => `"${good}"`],
  ['percent-coding', () => encodeURIComponent(good).replaceAll('*', '%2A')],
  ['random text', () => 'hello'],
  ['JSON', () => '{"_auth_user_id":"alice"}'],
]

async function sealed(payload: unknown, { secret = SECRET, ttl = 3_600_000 } = {}): Promise<string> {
  const keyring = new Keyring(secret)
  const labels = ['seal/encryption', 'seal/integrity']
  const [encryption, integrity] = (await Promise.all(labels.map((label) => keyring.derive(label)))).map(
    ([key]) => key,
  )
  const key = {
    id: (await keyring.ids())[0] as string,
    encryption: encryption as Uint8Array,
    integrity: integrity as Uint8Array,
  }
  return seal(payload, key, { ...defaults, ttl, localtimeOffsetMsec: app.clock.now() - Date.now() })
}

/** What a good payload looks like, to be bent. */
function payload(change: Record<string, unknown> = {}): Record<string, unknown> {
  const now = app.clock.now()
  const data = { marker: 1 }
  return { p: 'session', v: 1, n: 'session', i: 'id', c: now, r: now, x: now + 3_600_000, d: data, ...change }
}

const BENT: readonly [sentence: string, payload: () => unknown][] = [
  ['another purpose', () => payload({ p: 'remember' })],
  ['no purpose', () => payload({ p: undefined })],
  ['another version', () => payload({ v: 2 })],
  ['a version as text', () => payload({ v: '1' })],
  ['the name of another cookie', () => payload({ n: 'other' })],
  ['the name with its prefix', () => payload({ n: NAME })],
  ['no id', () => payload({ i: undefined })],
  ['an empty id', () => payload({ i: '' })],
  ['a number as id', () => payload({ i: 7 })],
  ['no creation time', () => payload({ c: undefined })],
  ['no renewal time', () => payload({ r: undefined })],
  ['no end', () => payload({ x: undefined })],
  ['an end as text', () => payload({ x: String(app.clock.now() + 1000) })],
  ['an end without end', () => payload({ x: Number.MAX_VALUE })],
  ['an end in the past', () => payload({ x: app.clock.now() })],
  ['a creation in the future', () => payload({ c: app.clock.now() + 120_000 })],
  ['a renewal in the future', () => payload({ r: app.clock.now() + 120_000 })],
  ['a creation before the absolute lifetime', () => payload({ c: app.clock.now() - 15 * 86_400_000 })],
  ['a renewal before the idle lifetime', () => payload({ r: app.clock.now() - 25 * 3_600_000 })],
  ['no data', () => payload({ d: undefined })],
  ['a list as data', () => payload({ d: [] })],
  ['text as data', () => payload({ d: 'x' })],
  ['a list', () => [payload()]],
  ['null', () => null],
  ['text', () => 'session'],
]

describe('a sealed session', () => {
  test('opens when it is good', async () =>
    expect(await whoHolds(good)).toEqual({ userId: 'alice', reason: null }))

  test.each(BAD)('with %s is an anonymous visitor with a reason', async (_, value) => {
    const holder = await whoHolds(value())
    expect(holder).toMatchObject({ userId: null })
    expect((holder as { reason: unknown }).reason).not.toBeNull()
  })

  test.each(BENT)('that our own key sealed over %s is refused', async (_, bent) => {
    const browser = app.browser()
    browser.cookies.set(NAME, await sealed(bent()))
    expect(await app.during(browser, (auth) => auth.session.all())).toEqual({})
  })

  test('that our own key sealed over a good payload opens', async () => {
    const browser = app.browser()
    browser.cookies.set(NAME, await sealed(payload()))
    expect(await app.during(browser, (auth) => auth.session.all())).toEqual({ marker: 1 })
  })

  test('without an expiry of its own is refused though its payload has one', async () => {
    const browser = app.browser()
    browser.cookies.set(NAME, await sealed(payload(), { ttl: 0 }))
    expect(await app.during(browser, (auth) => auth.session.all())).toEqual({})
  })

  test.each([
    ['4,089 characters opens', 2991, 4089, true],
    ['4,110 characters, the next length there is, is refused', 2992, 4110, false],
  ])('of %s', async (_, bytes, characters, opens) => {
    const withMarker = (marker: string) => payload({ d: { marker } })
    const marker = 'x'.repeat(bytes - JSON.stringify(withMarker('')).length)
    const value = await sealed(withMarker(marker))
    expect(value).toHaveLength(characters)
    const browser = app.browser()
    browser.cookies.set(NAME, value)
    expect(await app.during(browser, (auth) => auth.session.all())).toEqual(opens ? { marker } : {})
  })

  test('by another secret is refused', async () => {
    const browser = app.browser()
    browser.cookies.set(NAME, await sealed(payload(), { secret: OTHER_SECRET }))
    expect(await app.during(browser, (auth) => auth.session.all())).toEqual({})
  })

  test('that names a user but lacks his hash lets nobody in', async () => {
    expect(await whoHolds(await sealed(payload({ d: { _auth_user_id: 'alice' } })))).toEqual({
      userId: null,
      reason: 'credentials_changed',
    })
  })

  test('holds nothing readable', () => {
    const [, , , , ciphertext = ''] = good.split('*')
    const bytes = Buffer.from(ciphertext, 'base64url').toString('latin1')
    for (const text of ['alice', 'session', '_auth']) expect(bytes).not.toContain(text)
  })

  test('never comes out twice alike', async () => {
    const values = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const browser = app.browser()
      await app.during(browser, ({ session }) => session.set('a', 1))
      values.add(browser.cookies.get(NAME) ?? '')
    }
    expect(values.size).toBe(20)
  })
})

describe('seals and iron', () => {
  const keyring = new Keyring([SECRET, OTHER_SECRET])
  const sealer = new Sealer(keyring, Date.now)

  test('what we seal, iron opens', async () => {
    const value = await sealer.seal({ a: [1, 'ü'] }, Date.now() + 60_000)
    const [encryption, integrity] = await Promise.all(
      ['seal/encryption', 'seal/integrity'].map((label) => keyring.derive(label)),
    )
    const id = (await keyring.ids())[0] as string
    const key = { id, encryption: encryption?.[0] as Uint8Array, integrity: integrity?.[0] as Uint8Array }
    expect(await unseal(value, { [id]: key }, defaults)).toEqual({ a: [1, 'ü'] })
  })

  test('a seal of the older secret opens, and new ones are made by the first', async () => {
    const older = await new Sealer(new Keyring(OTHER_SECRET), Date.now).seal({ a: 1 }, Date.now() + 60_000)
    expect(await sealer.open(older)).toEqual({ ok: true, payload: { a: 1 } })
    const newer = await sealer.seal({ a: 1 }, Date.now() + 60_000)
    expect(await new Sealer(new Keyring(OTHER_SECRET), Date.now).open(newer)).toEqual({
      ok: false,
      reason: 'unknown_key',
      expiresAt: Number(newer.split('*')[5]),
    })
  })

  test('iron would open a respelled MAC; we do not', async () => {
    const value = await sealer.seal({ a: 1 }, Date.now() + 60_000)
    expect(await sealer.open(value.slice(0, -1) + respell(value.at(-1) ?? ''))).toMatchObject({ ok: false })
  })
})
