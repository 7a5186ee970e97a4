import { createAuth, type PasswordVerifier, type UserProvider } from 'latchkey'
import { type LegacyVerifier, passwordChain, pbkdf2 } from 'latchkey/password'
import { describe, expect, test } from 'vitest'
import { webCryptoPbkdf2 } from '../../../src/password/pbkdf2.ts'
import { ORIGIN, opened, SECRET, type TestUser } from '../../app.ts'

/** `é` in one character, as most keyboards send it, and in two, as some browsers of macOS do. */
const [NFC, NFD] = ['Caf\u00e9 am Markt', 'Cafe\u0301 am Markt']
const text = new TextDecoder()

/** A user with this hash, who tries to log in; and what was derived, of which text. */
function start(passwordsOf: (derived: string[]) => PasswordVerifier, hashedPassword: string) {
  const derived: string[] = []
  const upgrades: string[] = []
  let user: TestUser = { id: 'ada', hashedPassword }
  const users: UserProvider<TestUser> = {
    findById: () => user,
    findByUsername: (name) => (name === 'ada' ? user : null),
    upgradeHash(_, { to }) {
      upgrades.push(to)
      user = { ...user, hashedPassword: to }
    },
  }
  const passwords = passwordsOf(derived)
  const auth = createAuth<TestUser>({ secret: SECRET, origin: ORIGIN, users, passwords })
  const request = () => opened(auth, new Request(ORIGIN, { method: 'POST' })).auth
  return {
    derived,
    upgrades,
    login: async (password: string) => (await request().login('ada', password)).ok,
    request,
  }
}

const own = (derived: string[]) =>
  pbkdf2({
    iterations: 100_000,
    derive(password, salt, _, length) {
      derived.push(text.decode(password))
      return webCryptoPbkdf2('SHA-256')(password, salt, { iterations: 1000 }, length)
    },
  })
/** As an app's own verifier would: it takes the text as it comes. */
const foreign = (derived: string[]): LegacyVerifier => ({
  canVerify: (hashed) => hashed.startsWith('x:'),
  verify(plain, hashed) {
    derived.push(plain)
    return hashed === `x:${plain}`
  },
})
/** Another system's hash of exactly this text, in a form that ours verifies. */
const madeOf = async (plain: string) => {
  const { derive } = { derive: own([]) }
  const [, name, cost, salt = ''] = (await derive.hash('x')).split('$')
  const bytes = await webCryptoPbkdf2('SHA-256')(
    new TextEncoder().encode(plain),
    new Uint8Array(Buffer.from(salt, 'base64')),
    { iterations: 1000 },
    32,
  )
  return `$${name}$${cost}$${salt}$${Buffer.from(bytes).toString('base64').replace('=', '')}`
}

describe('our own verifier', () => {
  test.each([
    ['chosen and typed in NFC', NFC, NFC],
    ['chosen in NFC, typed in NFD', NFC, NFD],
    ['chosen in NFD, typed in NFC', NFD, NFC],
    ['chosen and typed in NFD', NFD, NFD],
  ])('%s: gets in, for one look at NFC', async (_, chosen, typed) => {
    const { derived, upgrades, login } = start(own, await own([]).hash(chosen))
    expect(await login(typed)).toBe(true)
    expect(derived).toEqual([NFC])
    expect(upgrades).toEqual([])
  })

  test('a hash that was made elsewhere of NFD is matched at the second look, and made anew', async () => {
    const { derived, upgrades, login } = start(own, await madeOf(NFD))
    expect(await login(NFC)).toBe(false)
    derived.length = 0
    expect(await login(NFD)).toBe(true)
    expect(derived).toEqual([NFC, NFD, NFC])
    expect(upgrades).toHaveLength(1)
    derived.length = 0
    expect(await login(NFC)).toBe(true)
    expect(await login(NFD)).toBe(true)
    expect(derived).toEqual([NFC, NFC])
    expect(upgrades).toHaveLength(1)
  })

  test('the same in a chain', async () => {
    const { derived, upgrades, login } = start(
      (list) => passwordChain(own(list), foreign(list)),
      await madeOf(NFD),
    )
    expect(await login(NFD)).toBe(true)
    expect(derived).toEqual([NFC, NFD, NFC])
    expect(upgrades).toHaveLength(1)
  })
})

describe('a verifier of another system', () => {
  const chain = (derived: string[]) => passwordChain(own(derived), foreign(derived))

  test.each([
    ['NFC', NFC, NFC, [NFC]],
    ['NFC, typed in NFD', NFC, NFD, [NFD, NFC]],
    ['NFD', NFD, NFD, [NFD]],
  ])(
    'of %s sees the text as it was typed, then in NFC; the new hash is of NFC',
    async (_, chosen, typed, seen) => {
      const { derived, upgrades, login } = start(chain, `x:${chosen}`)
      expect(await login(typed)).toBe(true)
      expect(derived).toEqual([...seen, NFC])
      expect(upgrades).toHaveLength(1)
      expect([await login(NFC), await login(NFD)]).toEqual([true, true])
    },
  )

  test('alone, with hashes of its own: no login makes another one', async () => {
    const custom = (derived: string[]): PasswordVerifier => ({
      ...foreign(derived),
      hash: (plain) => `x:${plain}`,
    })
    const { derived, upgrades, login, request } = start(custom, `x:${NFC}`)
    expect([await login(NFD), await login(NFC)]).toEqual([true, true])
    expect(derived).toEqual([NFD, NFC, NFC])
    expect(upgrades).toEqual([])
    expect(await request().hashPassword(NFD)).toBe(`x:${NFC}`)
  })

  test('first in a chain: the same', async () => {
    const custom = (derived: string[]) =>
      passwordChain(
        { ...foreign(derived), hash: (plain) => `x:${plain}`, needsRehash: () => false, dummyHash: 'x:' },
        own(derived),
      )
    const { upgrades, login } = start(custom, `x:${NFC}`)
    expect([await login(NFD), await login(NFC)]).toEqual([true, true])
    expect(upgrades).toEqual([])
  })
})

describe('at a sign-up', () => {
  test.each([
    ['nothing', ''],
    ['4,097 bytes', 'x'.repeat(4097)],
    ['more than that in NFC', '\ufb2c'.repeat(700)],
    ['NUL', 'a\0'],
    ['no text', undefined as never],
  ])('%s is refused with a code, before any verifier sees it', async (_, plain) => {
    const seen: string[] = []
    const passwords = { verify: () => false, hash: (text: string) => `x${seen.push(text)}` }
    const { request } = start(() => passwords, 'x')
    await expect(request().hashPassword(plain)).rejects.toMatchObject({
      code: 'password_refused',
      status: 400,
    })
    expect(seen).toEqual([])
  })
})
