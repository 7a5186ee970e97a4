import bcryptjs from 'bcryptjs'
import fc from 'fast-check'
import { bcryptBy, passwordChain, pbkdf2 } from 'latchkey/password'
import { describe, expect, test } from 'vitest'

const HORSE = 'correct horse'
const verifier = bcryptBy(bcryptjs)

/*
 * Debian 12: bcrypt 3.2.2, `python3 -c "import bcrypt; print(bcrypt.hashpw(b'correct horse', bcrypt.gensalt(5, b'2a')))"`,
 * and passlib 1.7.4, `passlib.hash.bcrypt.using(rounds=5, ident='2y').hash('correct horse')`.
 * PHP's: the manual's example of password_verify().
 */
const VECTORS = [
  ['$2a$, by bcrypt', '$2a$05$gY6MIb78H3l0773fKqRDguaLpOYEQ35LxdlOrH2iLmqjWJwYIOYh2', HORSE],
  ['$2b$, by bcrypt', '$2b$05$zAwunJg8Rb/sv.9CR104QOA8O.JSFvBGqvNhlHvtl4AhUL1RChXOy', HORSE],
  [
    '$2b$, by bcrypt, beyond ASCII',
    '$2b$05$.BU.KwswIquVvsN5lC3PYuhyWNZyOYeG5Mtq6.XFUrKNibbrcexKW',
    'pässwörd✓',
  ],
  ['$2y$, by passlib', '$2y$05$Z2QZY/TZS/VCXZHbhA06ueIwF4h3nM.b1ZU/0SJ5f/i.o3EUg4J5C', HORSE],
  ['$2y$, by PHP', '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq', 'rasmuslerdorf'],
] as const
const [, [, HASHED]] = VECTORS
/** By bcrypt 3.2.2: `bcrypt.hashpw(b'x' * 72, bcrypt.gensalt(4))`. */
const OF_72 = '$2b$04$5xYeXtz6jvYcxPVuleYXj.5T9AHzkuUxh0ftvYoO1UW7pCk8awxva'

describe('bcrypt by bcryptjs', () => {
  test.each(VECTORS)('%s', async (_, hashed, password) => {
    expect(verifier.canVerify(hashed)).toBe(true)
    expect(await verifier.verify(password, hashed)).toBe(true)
    for (const wrong of [`${password} `, password.slice(0, -1), password.toUpperCase(), ''])
      expect(await verifier.verify(wrong, hashed)).toBe(false)
  })

  test('of a password, the first 72 bytes count', async () => {
    expect(await verifier.verify('x'.repeat(72), OF_72)).toBe(true)
    expect(await verifier.verify(`${'x'.repeat(72)}anything`, OF_72)).toBe(true)
    expect(await verifier.verify('x'.repeat(71), OF_72)).toBe(false)
  })

  test.each([
    ['the hash', HASHED.replace(/y$/, 'u')],
    ['the hash in its middle', HASHED.replace('JSFv', 'JSFw')],
    ['the salt', HASHED.replace('zAwu', 'zAwv')],
    ['the cost', HASHED.replace('$05$', '$06$')],
  ])('altered: %s', async (_, hashed) => {
    expect(verifier.canVerify(hashed)).toBe(true)
    expect(hashed).not.toBe(HASHED)
    expect(await verifier.verify(HORSE, hashed)).toBe(false)
  })
})

describe('what is malformed or absurd is refused before the library is asked', () => {
  let asked: string[] = []
  const counting = bcryptBy({
    compare: async (_, hashed) => {
      asked.push(hashed)
      return true
    },
  })

  test.each([
    ['cost 16', HASHED.replace('$05$', '$16$'), '$2b$16$'],
    ['$2a$ as it is', HASHED.replace('$2b$', '$2a$'), '$2a$05$'],
    ['$2y$ as $2b$', HASHED.replace('$2b$', '$2y$'), '$2b$05$'],
  ])('the test can fail: %s', async (_, hashed, start) => {
    asked = []
    expect(await counting.verify('x', hashed)).toBe(true)
    expect(asked).toEqual([start + hashed.slice(7)])
  })

  test.each([
    ['nothing', ''],
    ['cost 17', HASHED.replace('$05$', '$17$')],
    ['cost 31', HASHED.replace('$05$', '$31$')],
    ['cost 99', HASHED.replace('$05$', '$99$')],
    ['cost 3', HASHED.replace('$05$', '$03$')],
    ['a cost of one digit', HASHED.replace('$05$', '$5$')],
    ['a cost of three', HASHED.replace('$05$', '$005$')],
    ['a cost with a sign', HASHED.replace('$05$', '$+5$')],
    ['no cost', HASHED.replace('$05$', '$$')],
    ['$2$', HASHED.replace('$2b$', '$2$')],
    ['$2x$, of a faulty implementation', HASHED.replace('$2b$', '$2x$')],
    ['upper case', HASHED.replace('$2b$', '$2B$')],
    ['no scheme', HASHED.slice(3)],
    ['salt alone', HASHED.slice(0, 29)],
    ['no salt', HASHED.slice(0, 7)],
    ['one character less', HASHED.slice(0, -1)],
    ['one more', `${HASHED}O`],
    ['a newline behind', `${HASHED}\n`],
    ['a blank behind', `${HASHED} `],
    ['a blank in front', ` ${HASHED}`],
    ['padding', `${HASHED}=`],
    ['another alphabet', HASHED.replace('JSFv', 'JS+v')],
    ['stray bits in the hash', HASHED.replace(/y$/, 'z')],
    ['stray bits in the salt', HASHED.replace('QOA8', 'QPA8')],
    ['Django’s prefix', `bcrypt$${HASHED}`],
    ['a megabyte', `$2b$05$${'a'.repeat(1e6)}`],
  ])('%s', async (_, hashed) => {
    asked = []
    expect(hashed).not.toBe(HASHED)
    expect(counting.canVerify(hashed)).toBe(false)
    expect(await counting.verify('x', hashed)).toBe(false)
    expect(asked).toEqual([])
  })

  test.each([
    ['4,097 bytes', 'x'.repeat(4097)],
    ['NUL, where bcrypt in C would end', 'a\0'],
    ['a lone surrogate', 'a\ud800'],
  ])('a password with %s', async (_, password) => {
    asked = []
    expect(await counting.verify(password, HASHED)).toBe(false)
    expect(asked).toEqual([])
  })

  test('whatever is stored, nothing throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.nat(60), async (text, at) => {
        for (const hashed of [text, HASHED.slice(0, at) + text + HASHED.slice(at + 1)])
          if (!verifier.canVerify(hashed)) expect(await verifier.verify('x', hashed)).toBe(false)
      }),
    )
  })
})

describe('the library', () => {
  test.each([
    ['undefined', undefined],
    ['a namespace with all in `default`', { default: bcryptjs }],
  ])('%s is refused when the verifier is built', (_, library) => {
    expect(() => bcryptBy(library as never)).toThrow(/takes a library with `compare`.*bcryptjs.*default/)
  })

  test.each([['yes'], [1], [undefined], [{}]])('that answers %o has not said yes', async (answer) => {
    const odd = bcryptBy({ compare: async () => answer as never })
    expect(await odd.verify('x', HASHED)).toBe(false)
  })

  test('that breaks is no wrong password', async () => {
    const broken = bcryptBy({
      compare() {
        throw new Error('out of memory')
      },
    })
    await expect(broken.verify('x', HASHED)).rejects.toThrow('out of memory')
  })

  test('has no line of its own: a login calls it in the one line that there is', async () => {
    const slow = bcryptBy({ compare: () => new Promise((resolve) => setTimeout(resolve, 10, true)) })
    const all = await Promise.all(Array.from({ length: 1000 }, () => slow.verify('x', HASHED)))
    expect(new Set(all)).toEqual(new Set([true]))
  })

  test('stands behind one that hashes', async () => {
    const chain = passwordChain(pbkdf2({ iterations: 100_000 }), verifier)
    expect(await chain.verify(HORSE, HASHED)).toBe(true)
    expect(chain.needsRehash(HASHED)).toBe(true)
  })
})
