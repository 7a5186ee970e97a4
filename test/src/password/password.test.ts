import { argon2id as nobleArgon2id } from '@noble/hashes/argon2.js'
import { scrypt as nobleScrypt } from '@noble/hashes/scrypt.js'
import fc from 'fast-check'
import { passwordStamp } from 'latchkey'
import { argon2id, pbkdf2, scrypt } from 'latchkey/password'
import { describe, expect, test } from 'vitest'
import { byNoble as argon2ByNoble, argon2Derive } from '../../../src/password/argon2id.ts'
import { byWebCrypto as pbkdf2ByWebCrypto } from '../../../src/password/pbkdf2.ts'
import { formatPhc, parsePhc } from '../../../src/password/phc.ts'
import { byNoble as scryptByNoble, scryptDerive } from '../../../src/password/scrypt.ts'
import { testVerifier } from './verifier.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

describe('official vectors', () => {
  const RFC_7914 = [
    [
      '',
      '',
      { N: 16, r: 1, p: 1 },
      '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    ],
    [
      'password',
      'NaCl',
      { N: 1024, r: 8, p: 16 },
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    ],
    [
      'pleaseletmein',
      'SodiumChloride',
      { N: 16384, r: 8, p: 1 },
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    ],
  ] as const

  test.each(RFC_7914)(
    'RFC 7914, section 12: scrypt of "%s" by node:crypto and by noble',
    async (password, salt, cost, expected) => {
      expect(hex(await scryptDerive()(bytes(password), bytes(salt), cost, 64))).toBe(expected)
      expect(hex(await scryptByNoble(bytes(password), bytes(salt), cost, 64))).toBe(expected)
      expect(hex(nobleScrypt(password, salt, { ...cost, dkLen: 64 }))).toBe(expected)
    },
  )

  test('RFC 9106, section 5.3: argon2id, with secret and associated data', () => {
    const options = {
      t: 3,
      m: 32,
      p: 4,
      dkLen: 32,
      version: 0x13,
      key: new Uint8Array(8).fill(3),
      personalization: new Uint8Array(12).fill(4),
    }
    const tag = nobleArgon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), options)
    expect(hex(tag)).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
  })

  test('the reference implementation’s argon2id, by noble and by what this runtime has', async () => {
    const expected = '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7'
    const args = [
      bytes('password'),
      bytes('somesalt'),
      { memoryKiB: 65_536, passes: 2, lanes: 1 },
      32,
    ] as const
    expect(hex(await argon2ByNoble(...args))).toBe(expected)
    expect(hex(await argon2Derive()(...args))).toBe(expected)
  })

  test('RFC 7914, section 11: PBKDF2-HMAC-SHA-256', async () => {
    expect(hex(await pbkdf2ByWebCrypto(bytes('Password'), bytes('NaCl'), { iterations: 80_000 }, 64))).toBe(
      '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d',
    )
  })
})

testVerifier('argon2id by noble', argon2id({ derive: argon2ByNoble }), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
testVerifier('scrypt', scrypt(), /^\$scrypt\$ln=17,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
testVerifier('PBKDF2 by Web Crypto', pbkdf2(), /^\$pbkdf2-sha256\$i=600000\$/)

describe('hashes are interchangeable', () => {
  test('scrypt: what noble made, node:crypto verifies', async () => {
    const noble = scrypt({ N: 2 ** 16, derive: scryptByNoble })
    expect(await scrypt().verify('pass', await noble.hash('pass'))).toBe(true)
  })
})

describe('what is no hash of ours is refused before any work', () => {
  let worked = 0
  const derive = async () => {
    worked++
    return new Uint8Array(32)
  }
  const verifiers = [argon2id({ derive }), scrypt({ derive }), pbkdf2({ derive })]
  const salt = Buffer.alloc(16).toString('base64').replaceAll('=', '')
  const hash = Buffer.alloc(32).toString('base64').replaceAll('=', '')

  test.each([
    ['empty', ''],
    ['text', 'password'],
    ['bcrypt', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['argon2i', `$argon2i$v=19$m=19456,t=2,p=1$${salt}$${hash}`],
    ['an older version of argon2id', `$argon2id$v=16$m=19456,t=2,p=1$${salt}$${hash}`],
    ['no version', `$argon2id$m=19456,t=2,p=1$${salt}$${hash}`],
    ['a cost that is no number', `$argon2id$v=19$m=oops,t=2,p=1$${salt}$${hash}`],
    ['a cost with a sign', `$argon2id$v=19$m=+19456,t=2,p=1$${salt}$${hash}`],
    ['a cost with a leading zero', `$argon2id$v=19$m=019456,t=2,p=1$${salt}$${hash}`],
    ['a cost in hexadecimal', `$argon2id$v=19$m=0x4c00,t=2,p=1$${salt}$${hash}`],
    ['a cost of zero', `$argon2id$v=19$m=19456,t=0,p=1$${salt}$${hash}`],
    ['a terabyte', `$argon2id$v=19$m=1073741824,t=1,p=1$${salt}$${hash}`],
    ['a million passes', `$argon2id$v=19$m=19456,t=1000000,p=1$${salt}$${hash}`],
    ['a thousand lanes', `$argon2id$v=19$m=19456,t=2,p=1000$${salt}$${hash}`],
    ['less memory than lanes need', `$argon2id$v=19$m=8,t=2,p=2$${salt}$${hash}`],
    ['a parameter twice', `$argon2id$v=19$m=19456,m=8,t=2,p=1$${salt}$${hash}`],
    ['a parameter missing', `$argon2id$v=19$m=19456,t=2$${salt}$${hash}`],
    ['no salt', `$argon2id$v=19$m=19456,t=2,p=1$$${hash}`],
    ['a short salt', `$argon2id$v=19$m=19456,t=2,p=1$AAAA$${hash}`],
    ['no hash', `$argon2id$v=19$m=19456,t=2,p=1$${salt}$`],
    ['a short hash, which anything would fit sooner', `$argon2id$v=19$m=19456,t=2,p=1$${salt}$AAAA`],
    ['base64 with padding', `$argon2id$v=19$m=19456,t=2,p=1$${salt}==$${hash}`],
    ['base64 with stray bits', `$argon2id$v=19$m=19456,t=2,p=1$${salt.slice(0, -1)}B$${hash}`],
    ['something behind it', `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${hash}$x`],
    ['a newline behind it', `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${hash}\n`],
    ['scrypt with N=2^40', `$scrypt$ln=40,r=8,p=1$${salt}$${hash}`],
    ['scrypt with a huge r', `$scrypt$ln=14,r=1000000,p=1$${salt}$${hash}`],
    ['scrypt with a huge p', `$scrypt$ln=14,r=8,p=1000000$${salt}$${hash}`],
    ['PBKDF2 with four billion rounds', `$pbkdf2-sha256$i=4000000000$${salt}$${hash}`],
    ['PBKDF2 with no rounds', `$pbkdf2-sha256$i=0$${salt}$${hash}`],
    ['a megabyte of text', `$argon2id$${'x'.repeat(1e6)}`],
  ])('%s', async (_, hashed) => {
    worked = 0
    for (const verifier of verifiers) {
      expect(verifier.canVerify(hashed)).toBe(false)
      expect(await verifier.verify('x', hashed)).toBe(false)
    }
    expect(worked).toBe(0)
  })

  test.each([
    ['4,097 bytes', 'x'.repeat(4097)],
    ['NUL', 'a\0'],
    ['a lone surrogate', 'a\ud800'],
  ])('a password with %s', async (_, password) => {
    worked = 0
    for (const verifier of verifiers) expect(await verifier.verify(password, verifier.dummyHash)).toBe(false)
    expect(worked).toBe(0)
  })
})

describe('PHC strings', () => {
  test('what is written is read back', () => {
    const bytesOf = (minimum: number) => fc.uint8Array({ minLength: minimum, maxLength: 64 })
    const parameters = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,4}$/),
      fc.stringMatching(/^[\w+/.-]{1,10}$/),
      { minKeys: 1 },
    )
    fc.assert(
      fc.property(bytesOf(8), bytesOf(16), parameters, (salt, hash, given) => {
        const phc = { scheme: 'x', parameters: { ...given }, salt: salt.slice(), hash: hash.slice() }
        expect(parsePhc(formatPhc(phc))).toEqual(phc)
      }),
    )
  })
})

describe('a stamp', () => {
  test('is carried by a hash that was renewed, through any number of renewals', async () => {
    const verifier = pbkdf2({ iterations: 100_000 })
    const first = await verifier.hash('pass')
    const second = await verifier.hash('pass', { stamp: await passwordStamp(first) })
    const third = await verifier.hash('pass', { stamp: await passwordStamp(second) })
    expect(await passwordStamp(third)).toBe(await passwordStamp(first))
    expect(await verifier.verify('pass', third)).toBe(true)
    expect(await passwordStamp(await verifier.hash('pass'))).not.toBe(await passwordStamp(first))
  })

  test('is not taken from text that only looks like it', async () => {
    const stamp = 'A'.repeat(22)
    for (const hashed of [`stamp=${stamp}`, `$x$stamp=${stamp}x$y$z`, `$x$notstamp=${stamp}$y$z`]) {
      expect(await passwordStamp(hashed)).not.toBe(stamp)
    }
  })
})

describe('a renewed hash', () => {
  const strong = pbkdf2({ iterations: 200_000 })
  const weak = pbkdf2({ iterations: 100_000 })

  test('is asked for when the cost is lower, or the scheme another', async () => {
    expect(strong.needsRehash(await weak.hash('x'))).toBe(true)
    expect(weak.needsRehash(await strong.hash('x'))).toBe(false)
    expect(strong.needsRehash('$2b$10$abc')).toBe(true)
  })
})
