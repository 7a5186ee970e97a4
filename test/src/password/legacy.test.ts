import fc from 'fast-check'
import { passwordStamp } from 'latchkey'
import {
  argon2id,
  djangoPasswords,
  type LegacyVerifier,
  legacyArgon2,
  type PasswordVerifier,
  type PreferredVerifier,
  passlibPbkdf2,
  passwordChain,
  pbkdf2,
  scrypt,
} from 'latchkey/password'
import { describe, expect, test } from 'vitest'
import { pbkdf2Derive } from '../../../src/password/legacy-pbkdf2.ts'
import { legacyVerifier } from '../../../src/password/legacy-verifier.ts'
import { webCryptoPbkdf2 } from '../../../src/password/pbkdf2.ts'
import { testApp, Users } from '../../app.ts'

const HORSE = 'correct horse'
const UMLAUTS = 'pässwörd✓'

type Vector = readonly [what: string, verifier: LegacyVerifier, hashed: string, password: string]

const passlib = passlibPbkdf2()
const django = djangoPasswords()
const legacy = legacyArgon2()

/*
 * Debian 12: passlib 1.7.4 with argon2-cffi 21.1.0.
 *   python3 -c "from passlib import hash as h; print(h.pbkdf2_sha1.hash('correct horse'))"
 *   … h.pbkdf2_sha256.using(rounds=1000, salt=b'\xfb\xef\xbe' * 5 + b'\xff').hash(…)
 *   … h.scrypt.using(rounds=10, block_size=4, parallelism=2).hash(…)
 *   … h.argon2.using(type='I', memory_cost=1024, time_cost=2, parallelism=2).hash(…)
 *   python3 -c "import argon2; print(argon2.PasswordHasher(time_cost=3, memory_cost=512, parallelism=1, hash_len=32, type=argon2.Type.D).hash('pässwörd✓'))"
 *   … argon2.low_level.hash_secret(b'correct horse', b'sixteen of salt!', 2, 512, 2, 24, argon2.Type.I, version=16)
 * imia's: shared/vectors/imia/USERS.md.
 */
const PASSLIB: readonly Vector[] = [
  ['PBKDF2-SHA-1', passlib, '$pbkdf2$131000$7Z0TQgjhPOccI4SwFkJozQ$aXdrVqKnXQAd8hITNi6bGUQY/3c', HORSE],
  ['PBKDF2-SHA-1', passlib, '$pbkdf2$131000$jxGiVIpRyrkXotQaY.zdOw$tL8bEUfc4vfbY.QonUSnAXKY.LQ', UMLAUTS],
  ['imia’s', passlib, '$pbkdf2$131000$xfhfaw1hrNU6ByAkBKA0Zg$qT.ZZYscSAUS4Btk/Q2rkAZQc5E', 'pa$$word'],
  [
    'PBKDF2-SHA-256',
    passlib,
    '$pbkdf2-sha256$29000$9v7/33vvvVfKuXcuxRhjbA$xkhfMYZjlTYzl53GBnM/FMHFKkoO7wOEhPoXoq9E8a8',
    HORSE,
  ],
  [
    'a salt of dots',
    passlib,
    '$pbkdf2-sha256$1000$..................../w$Fmdb1minWw0CnTpIIPJDmN8ycyYjPM0dqKkUiRur7Gk',
    HORSE,
  ],
  ['a short salt', passlib, '$pbkdf2-sha256$1000$LGVsTQ$sEXxeiGdz6uYlaS3WK9J8nXOE.z79X5GabgPA/uQz10', HORSE],
  [
    'PBKDF2-SHA-512',
    passlib,
    '$pbkdf2-sha512$25000$0VorZeyd815rjZGSkpISwg$Sk/hfuUDhWiJSqPji1Mt4g7Vpl8P.Y.bZ8e8hvmxV.FRVqVqSzj2P02QRZTXqx6sdKNl6d9vJEvl3uOZW/L8Rw',
    UMLAUTS,
  ],
  [
    'scrypt',
    scrypt(),
    '$scrypt$ln=16,r=8,p=1$9X6PMQYAoPS+d46R0hpD6A$lvilGIGiplrk7a5wqYZFNFG0pm5rF+PFxzoIsHvCZFc',
    HORSE,
  ],
  [
    'scrypt of another r',
    scrypt(),
    '$scrypt$ln=10,r=4,p=2$CqGUspbS+n8vxZizFmIsRQ$8rY2S4u2PyXildtazKAzfPJqVn1dMr+CL74fcduTgus',
    UMLAUTS,
  ],
  [
    'argon2id',
    argon2id(),
    '$argon2id$v=19$m=1024,t=2,p=2$wBgjZOy913ovRShl7L33Xg$IEn2p+5otyQNDOq6z35AuQ',
    HORSE,
  ],
  ['argon2i', legacy, '$argon2i$v=19$m=1024,t=2,p=2$sLZ2TimlFAJAKOUcg1AqRQ$KzJ9gmZF5QjUcm42UK/eDQ', HORSE],
  ['argon2d', legacy, '$argon2d$v=19$m=1024,t=2,p=2$jRECQCgFIIQw5jxnTAnB2A$66Ej7nUD5DK0ISXeWz5epw', HORSE],
]
const ARGON2_CFFI: readonly Vector[] = [
  [
    'argon2id',
    argon2id(),
    '$argon2id$v=19$m=512,t=3,p=1$ptWUxd+Egk8IrTBZkhSm8w$3ywAneVloXN+cjsBhLMoB1Hp/P53gK4GTddsmj6jrK4',
    UMLAUTS,
  ],
  [
    'argon2i',
    legacy,
    '$argon2i$v=19$m=512,t=3,p=1$640gB5P6kNHOj6LjJMdsxg$+BhIno3Ifg1pWWVbtiKVejKRswQeBxdl64ufbJkTovc',
    UMLAUTS,
  ],
  [
    'argon2d',
    legacy,
    '$argon2d$v=19$m=512,t=3,p=1$Lh0aSiQkssruC8b9prZetw$T4v0nWk2iovD5a/QT1mu1VMc6+VOSvJWWsetU2UyuJI',
    UMLAUTS,
  ],
  [
    'argon2i before 1.3',
    legacy,
    '$argon2i$v=16$m=512,t=2,p=2$c2l4dGVlbiBvZiBzYWx0IQ$G9Ul6Phv4Wisw/zUdu0T5VimdDBpVAo7',
    HORSE,
  ],
  [
    'argon2i before 1.3, which did not say so',
    legacy,
    '$argon2i$m=512,t=2,p=2$c2l4dGVlbiBvZiBzYWx0IQ$G9Ul6Phv4Wisw/zUdu0T5VimdDBpVAo7',
    HORSE,
  ],
  [
    'argon2d before 1.3',
    legacy,
    '$argon2d$v=16$m=512,t=2,p=2$c2l4dGVlbiBvZiBzYWx0IQ$0yZUp7U/WBOK/7QU3J5VSrN9BHD5hgT1',
    HORSE,
  ],
]

/*
 * Debian 13: Django 4.2.28 with argon2-cffi; the first two and the argon2id of 100 MiB by Django 3.2.25, of Debian 12.
 *   settings.configure(PASSWORD_HASHERS=['django.contrib.auth.hashers.PBKDF2PasswordHasher', …])
 *   make_password('correct horse', hasher='pbkdf2_sha256')
 *   get_hasher('pbkdf2_sha1').encode('correct horse', get_hasher('pbkdf2_sha1').salt(), 1000)
 *   get_hasher('scrypt').encode('correct horse', get_hasher('scrypt').salt(), n=1024, r=4, p=2)
 * argon2i is what Django made before 3.2 (512 KiB, t=2, p=2), by argon2-cffi, and check_password was asked about it.
 */
const DJANGO: readonly Vector[] = [
  [
    'PBKDF2-SHA-256 of Django 3.2',
    django,
    'pbkdf2_sha256$260000$X4vuDhCPtAbFyZHL6Scl0e$YU37JqSYdZa620Zt678rivSagDllRzrCr3+mPMtEygY=',
    HORSE,
  ],
  [
    'PBKDF2-SHA-1 of Django 3.2',
    django,
    'pbkdf2_sha1$260000$zaKHt5r93j9ROLvF3Eslqz$4XYGX9vRvqkRIFygS+MQKdXFWMA=',
    UMLAUTS,
  ],
  [
    'PBKDF2-SHA-256 of Django 4.2',
    django,
    'pbkdf2_sha256$600000$e1EKF6Xml3qMTzQWIrauyr$u1P1a38QQAk2EzBUG7PFw2pZOiASm30cHAW86ctvCa4=',
    UMLAUTS,
  ],
  ['PBKDF2-SHA-1', django, 'pbkdf2_sha1$1000$X1CsC2v79HBFhVGHyR139k$uIxEj9w4R45Yk8Np9tv+t6h7n9Q=', HORSE],
  [
    'argon2id of 100 MiB',
    django,
    'argon2$argon2id$v=19$m=102400,t=2,p=8$YVJNbmdtT0NvZWM0aGs1UVQ0bWhhaQ$smA3FdcRXVjS39vTb1e4DQ',
    HORSE,
  ],
  [
    'argon2id',
    django,
    'argon2$argon2id$v=19$m=512,t=2,p=2$Tndtb0xDVUtIa0MzTHVNNkhCbklYMg$092sRur8xP+7/EkV4yL/Ig',
    HORSE,
  ],
  [
    'argon2i',
    django,
    'argon2$argon2i$v=19$m=512,t=2,p=2$WUNCTGk3c3kwRUxkcGo4OWhwOTlOdg$F70JDhZoufl2B1YwzxbSYw',
    HORSE,
  ],
  [
    'scrypt of Django 4.2',
    django,
    'scrypt$16384$Texp4jlAlrdk5OzKLX1mfp$8$1$gtIclSVAO/1AvDeVLWk4f+d3miAm5AJFezDZ6bbbJPPMRYxFjaUwsT18SwiVMMq9eK0j7/L13X8vIMe2WILMZQ==',
    UMLAUTS,
  ],
  [
    'scrypt of another r and p',
    django,
    'scrypt$1024$gzFpquQp629QuXgAWR87pv$4$2$fj0Nbw7UZnL9i0+JCiu3fNC/Lg8poKI575u5C7n5NtY80CG8+Y82Dx8UfpUgod1wyamfwXF680ACr/WWqpIgmA==',
    HORSE,
  ],
]

describe.each([
  ['passlib', PASSLIB],
  ['argon2-cffi', ARGON2_CFFI],
  ['Django', DJANGO],
])('what %s made', (_, vectors) => {
  test.each(vectors)('%s', async (_, verifier, hashed, password) => {
    expect(verifier.canVerify(hashed)).toBe(true)
    expect(await verifier.verify(password, hashed)).toBe(true)
    expect(await verifier.verify(`${password} `, hashed)).toBe(false)
  })
})

/** Those that are cheap to ask, and passlib's and Django's PBKDF2 of 1,000 iterations, made in the same way. */
const CHEAP: readonly Vector[] = [
  ['passlib’s SHA-1', passlib, '$pbkdf2$1000$X8u59x5DiJEyhjAmZOwd4w$77DXlUSN.ttstNSOKReTXAbzmyM', HORSE],
  [
    'passlib’s SHA-256',
    passlib,
    '$pbkdf2-sha256$1000$5HxvTWltTWlNidFaC0GolQ$fdm0tKCDrsMHgXLvYwo0TgkhrNml84GLANn5MnVIXI4',
    HORSE,
  ],
  [
    'passlib’s SHA-512',
    passlib,
    '$pbkdf2-sha512$1000$HsN4L0UIgRBCaO3d2xvjHA$yE24Z7mQQ5xy7m7qlXdm7896PRPb8JJ9NUA.BWM296xYOzD5JgRrt8qUwENQMtgD5fsLSwBDIOuLdujGTBeBog',
    HORSE,
  ],
  [
    'Django’s SHA-256',
    django,
    'pbkdf2_sha256$1000$KMg3PQ5y5gWATHxPdqBW9J$Iev892uu7xMUDGepaTp8b4fJyudV2e0//N2RkZ0g708=',
    HORSE,
  ],
  ...DJANGO.filter(([, , hashed]) => /\$(1000|1024)\$|m=512/.test(hashed)),
  ...ARGON2_CFFI.filter(([, , hashed]) => /^\$argon2[id]\$v=19/.test(hashed)),
]

test.each(CHEAP)('%s: a wrong password', async (_, verifier, hashed, password) => {
  expect(await verifier.verify(password, hashed)).toBe(true)
  for (const wrong of [
    '',
    password.slice(0, -1),
    password.toUpperCase(),
    ` ${password}`,
    `${password}\n`,
    hashed,
  ])
    expect(await verifier.verify(wrong, hashed)).toBe(false)
})

describe('a hash that was altered lets nobody in', () => {
  /** A field, counted from the end, with another letter in front. */
  const altered = (hashed: string, field: number): string => {
    const fields = hashed.split('$')
    const at = fields.length + field
    return fields
      .with(
        at,
        (fields[at] ?? '').replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      )
      .join('$')
  }

  test.each(CHEAP)('%s: another hash, salt or cost', async (_, verifier, hashed, password) => {
    const others = [
      altered(hashed, -1),
      altered(hashed, hashed.startsWith('scrypt') ? -4 : -2),
      hashed.replace(/(?<=[$=])(1000|1024|512)\b/, (cost) => String(2 * Number(cost))),
      ...(hashed.includes('m=512') ? [hashed.replace(/t=\d/, 't=1'), hashed.replace(/p=\d/, 'p=4')] : []),
      ...(hashed.startsWith('scrypt') ? [hashed.replace('$4$2$', '$2$4$')] : []),
    ]
    for (const other of others) {
      expect(other).not.toBe(hashed)
      expect([other, verifier.canVerify(other)]).toEqual([other, true])
      expect([other, await verifier.verify(password, other)]).toEqual([other, false])
    }
  })

  test.each(CHEAP)('%s: anything more, less or other', async (_, verifier, hashed, password) => {
    const fields = hashed.split('$')
    const put = (at: number, field: string): string => fields.with(at, field).join('$')
    const ends = ['x', ' ', '\n', '\t', '\0', '$', '$x', '=', '==', '=\n', 'A', 'AAAA', ',x=1', `$${hashed}`]
    const starts = [' ', '\n', '$', '!', '\ufeff', '{x}', 'x', hashed]
    const others = [
      ...ends.map((end) => hashed + end),
      ...starts.map((start) => start + hashed),
      ...fields.map((field, at) => put(at, field === '' ? 'x' : '')),
      ...fields.flatMap((field, at) => [put(at, ` ${field}`), put(at, `${field} `), put(at, `${field}=`)]),
      ...fields.map((_, at) => fields.toSpliced(at, 1).join('$')),
      ...fields.map((field, at) => fields.toSpliced(at, 0, field).join('$')),
      ...Array.from(hashed.matchAll(/(?<=[$=])\d/g), ({ index }) => index).flatMap((at) =>
        ['0', '+', '-', ' ', '0x'].map((sign) => hashed.slice(0, at) + sign + hashed.slice(at)),
      ),
      hashed.toUpperCase(),
      hashed.toLowerCase(),
      hashed.replace(/argon2|pbkdf2|scrypt/, (scheme) => scheme.toUpperCase()),
      hashed.slice(0, -1),
      put(fields.length - 1, 'A'.repeat(22)),
    ]
    for (const other of others)
      expect([other, await verifier.verify(password, other)]).toEqual([other, false])
  })
})

const SALT = 'AAAAAAAAAAAAAAAAAAAAAA'
const SHA1 = 'A'.repeat(27)
const SHA256 = 'A'.repeat(43)
const SHA512 = 'A'.repeat(86)
const DOTS = '.'.repeat(42)

describe('what is malformed or absurd is refused before any work', () => {
  const verifiers = [passlib, django, legacy]
  const accepted = (hashed: string) => verifiers.some((verifier) => verifier.canVerify(hashed))

  test.each([
    ['passlib: the most iterations', `$pbkdf2$10000000$${SALT}$${SHA1}`],
    ['passlib: the shortest key', `$pbkdf2-sha512$1000$${SALT}$${SALT}`],
    ['passlib: the longest key', `$pbkdf2$1000$${SALT}$${'A'.repeat(1366)}`],
    ['passlib: the most iterations of two blocks', `$pbkdf2-sha256$5000000$${SALT}$${SHA512}`],
    ['PHC', `$pbkdf2-sha512$i=1000$${SALT}$${SHA256}`],
    ['passlib: its longest salt', `$pbkdf2$1$${'A'.repeat(1366)}$${SHA1}`],
    ['Django: the most iterations', `pbkdf2_sha256$10000000$salt$${SHA256}=`],
    ['Django: every sign that a salt may have', `pbkdf2_sha256$1$!"#%&'()*+,-./:;<=>?@[]^_\`{|}~$${SHA256}=`],
    ['Django: the most scrypt', `scrypt$524288$salt$8$1$${SHA512}==`],
    ['argon2: a gigabyte', `$argon2d$v=19$m=1048576,t=4,p=16$${SALT}$${SALT}`],
  ])('the test can fail: %s', (_, hashed) => expect(accepted(hashed)).toBe(true))

  test.each([
    ['nothing', ''],
    ['text', 'password'],
    ['a megabyte', `$pbkdf2$1000$${'A'.repeat(1e6)}$${SHA1}`],
    ['a megabyte of digits', `$pbkdf2$${'1'.repeat(1e6)}`],
    ['our own scrypt', `$scrypt$ln=14,r=8,p=5$${SALT}$${SHA256}`],
    ['passlib: 10,000,001 iterations', `$pbkdf2$10000001$${SALT}$${SHA1}`],
    ['passlib: four billion', `$pbkdf2-sha256$4000000000$${SALT}$${SHA256}`],
    ['passlib: more than a number holds', `$pbkdf2-sha256$${'9'.repeat(30)}$${SALT}$${SHA256}`],
    ['passlib: none', `$pbkdf2$0$${SALT}$${SHA1}`],
    ['passlib: a sign', `$pbkdf2$+1000$${SALT}$${SHA1}`],
    ['passlib: a leading zero', `$pbkdf2$01000$${SALT}$${SHA1}`],
    ['passlib: an exponent', `$pbkdf2$1e3$${SALT}$${SHA1}`],
    ['passlib: a point', `$pbkdf2$1000.0$${SALT}$${SHA1}`],
    ['passlib: other digits', `$pbkdf2$\u0661000$${SALT}$${SHA1}`],
    ['passlib: no salt', `$pbkdf2$1000$$${SHA1}`],
    ['passlib: no hash', `$pbkdf2$1000$${SALT}$`],
    ['passlib: a salt without a hash', `$pbkdf2$1000$${SALT}`],
    ['passlib: too long a salt', `$pbkdf2$1$${'A'.repeat(1367)}$${SHA1}`],
    ['passlib: another digest', `$pbkdf2-sha1$1000$${SALT}$${SHA1}`],
    ['passlib: a digest that every object has', `$pbkdf2-constructor$1000$${SALT}$${SHA256}`],
    ['passlib: a key of 15 bytes', `$pbkdf2-sha256$1000$${SALT}$${'A'.repeat(20)}`],
    ['passlib: a key of 1,025 bytes', `$pbkdf2-sha256$1000$${SALT}$${'A'.repeat(1367)}`],
    ['passlib: more iterations by its length', `$pbkdf2-sha256$5000001$${SALT}$${SHA512}`],
    ['PHC: a dot for plus', `$pbkdf2-sha512$i=1000$${SALT}$.${SHA256.slice(1)}`],
    ['PHC: padding', `$pbkdf2-sha512$i=1000$${SALT}==$${SHA256}=`],
    ['PHC: another parameter', `$pbkdf2-sha512$i=1000,l=32$${SALT}$${SHA256}`],
    ['PHC: a leading zero', `$pbkdf2-sha512$i=01000$${SALT}$${SHA256}`],
    ['passlib: base64 with padding', `$pbkdf2-sha256$1000$${SALT}$${SHA256}=`],
    ['passlib: plus for a dot', `$pbkdf2-sha256$1000$${SALT}$+${SHA256.slice(1)}`],
    ['passlib: stray bits in the hash', `$pbkdf2-sha256$1000$${SALT}$${DOTS}/`],
    ['passlib: stray bits in the salt', `$pbkdf2-sha256$1000$${SALT.slice(1)}B$${SHA256}`],
    ['passlib: base64url', `$pbkdf2-sha256$1000$${SALT}$_${SHA256.slice(1)}`],
    ['passlib: upper case', `$PBKDF2$1000$${SALT}$${SHA1}`],
    ['passlib: a blank in front', ` $pbkdf2$1000$${SALT}$${SHA1}`],
    ['passlib: a newline behind', `$pbkdf2$1000$${SALT}$${SHA1}\n`],
    ['passlib: cryptacular’s', `$p5k2$3e8$${SALT}==$${SHA1}=`],
    ['Django: 10,000,001 iterations', `pbkdf2_sha256$10000001$salt$${SHA256}=`],
    ['Django: none', `pbkdf2_sha256$0$salt$${SHA256}=`],
    ['Django: no salt', `pbkdf2_sha256$1000$$${SHA256}=`],
    ['Django: a salt with a blank', `pbkdf2_sha256$1000$sea salt$${SHA256}=`],
    ['Django: a salt beyond ASCII', `pbkdf2_sha256$1000$sält$${SHA256}=`],
    ['Django: too long a salt', `pbkdf2_sha256$1000$${'s'.repeat(129)}$${SHA256}=`],
    ['Django: without padding', `pbkdf2_sha256$1000$salt$${SHA256}`],
    ['Django: with too much', `pbkdf2_sha256$1000$salt$${SHA256}==`],
    ['Django: with padding for a shorter hash', `pbkdf2_sha256$1000$salt$${SHA256.slice(1)}==`],
    ['Django: stray bits', `pbkdf2_sha256$1000$salt$${SHA256.slice(1)}B=`],
    ['Django: upper case', `PBKDF2_SHA256$1000$salt$${SHA256}=`],
    ['Django: a newline behind', `pbkdf2_sha256$1000$salt$${SHA256}=\n`],
    ['Django: an unusable password', '!yw85dy70H7eahk41R4TjJXapvw0LZ4a58COxqqWO'],
    ['Django: one that was made unusable', `!pbkdf2_sha256$1000$salt$${SHA256}=`],
    ['Django: MD5', 'md5$salt$f5d61f4e1ac0ab0e4f9ed1f9e9d7ac9b'],
    ['Django: a terabyte of scrypt', `scrypt$1073741824$salt$8$1$${SHA512}==`],
    ['Django: a gigabyte of scrypt', `scrypt$1048576$salt$8$1$${SHA512}==`],
    ['Django: scrypt with a huge r', `scrypt$16384$salt$1000000$1$${SHA512}==`],
    ['Django: scrypt with a huge p', `scrypt$16384$salt$8$1000000$${SHA512}==`],
    ['Django: N that is no power of two', `scrypt$16383$salt$8$1$${SHA512}==`],
    ['Django: N of one', `scrypt$1$salt$8$1$${SHA512}==`],
    ['Django: r of zero', `scrypt$16384$salt$0$1$${SHA512}==`],
    ['Django: scrypt of half a hash', `scrypt$16384$salt$8$1$${SHA256}=`],
    ['Django: scrypt of a quarter', `scrypt$16384$salt$8$1$${SALT}==`],
    ['Django: scrypt in the order of other libraries', `scrypt$16384$8$1$salt$${SHA512}==`],
    ['Django: a PHC string with nothing before it', `$argon2id$v=19$m=512,t=2,p=2$${SALT}$${SALT}`],
    ['Django: argon2 twice', `argon2$argon2$argon2id$v=19$m=512,t=2,p=2$${SALT}$${SALT}`],
    ['Django: argon2 before scrypt', `argon2$scrypt$ln=14,r=8,p=5$${SALT}$${SHA256}`],
    ['Django: a terabyte of argon2', `argon2$argon2id$v=19$m=1073741824,t=1,p=1$${SALT}$${SALT}`],
    ['argon2i: a terabyte', `$argon2i$v=19$m=1073741824,t=1,p=1$${SALT}$${SALT}`],
    ['argon2i: more than a gigabyte', `$argon2i$v=19$m=1048577,t=1,p=1$${SALT}$${SALT}`],
    ['argon2i: a million passes', `$argon2i$v=19$m=19456,t=1000000,p=1$${SALT}$${SALT}`],
    ['argon2i: a thousand lanes', `$argon2i$v=19$m=19456,t=1,p=1000$${SALT}$${SALT}`],
    ['argon2i: no pass', `$argon2i$v=19$m=512,t=0,p=2$${SALT}$${SALT}`],
    ['argon2i: another version', `$argon2i$v=18$m=512,t=2,p=2$${SALT}$${SALT}`],
    ['argon2i: a hash of 31 bytes, which was cut', `$argon2i$v=19$m=512,t=2,p=2$${SALT}$${'A'.repeat(42)}`],
    ['argon2i: padding', `$argon2i$v=19$m=512,t=2,p=2$${SALT}==$${SALT}==`],
    ['argon2i: upper case', `$ARGON2I$v=19$m=512,t=2,p=2$${SALT}$${SALT}`],
    ['argon2x', `$argon2x$v=19$m=512,t=2,p=2$${SALT}$${SALT}`],
    ['a scheme that every object has', `$constructor$v=19$m=512,t=2,p=2$${SALT}$${SALT}`],
  ])('%s', async (_, hashed) => {
    expect(accepted(hashed)).toBe(false)
    for (const verifier of verifiers) expect(await verifier.verify('x', hashed)).toBe(false)
  })

  test('our own verifiers do not take passlib’s PBKDF2 for theirs', () => {
    for (const [, , hashed] of CHEAP.slice(0, 3)) expect(pbkdf2().canVerify(hashed)).toBe(false)
  })

  test.each([
    ['4,097 bytes', 'x'.repeat(4097)],
    ['NUL', `${HORSE}\0`],
    ['a lone surrogate', 'a\ud800'],
  ])('a password with %s', async (_, password) => {
    for (const [, verifier, hashed] of CHEAP) expect(await verifier.verify(password, hashed)).toBe(false)
  })
})

describe('whatever is stored, and whatever is typed', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
  )
  /** A true hash with something cut out of it, and something put there. */
  const mangled = fc
    .tuple(fc.constantFrom(...CHEAP.map(([, , hashed]) => hashed)), fc.nat(200), fc.nat(4), texts)
    .map(([hashed, at, count, text]) => hashed.slice(0, at) + text + hashed.slice(at + count))

  test('nothing throws, and what cannot be verified is false', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(texts, mangled), texts, async (hashed, password) => {
        for (const verifier of [passlib, django, legacy, passwordChain(pbkdf2(), passlib, django, legacy)])
          if (!verifier.canVerify(hashed)) expect(await verifier.verify(password, hashed)).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  test('no other password is right', async () => {
    const cheap = CHEAP.filter(([, , hashed]) => /1000/.test(hashed))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...cheap), texts, async ([, verifier, hashed], password) => {
        expect(await verifier.verify(password, hashed)).toBe(password === HORSE)
      }),
    )
  })
})

test('the work has no line of its own: a login calls it in the one line that there is', async () => {
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const derive = () => finished.then(() => new Uint8Array(16))
  const slow = legacyVerifier(() => ({ hash: new Uint8Array(16), derive }))
  const all = Promise.all(Array.from({ length: 1000 }, () => slow.verify('x', 'y')))
  setTimeout(finish, 10)
  expect(new Set(await all)).toEqual(new Set([true]))
})

describe('PBKDF2 where the runtime allows fewer iterations', () => {
  const [password, salt] = [HORSE, 'sixteen of salt!'].map((text) => new TextEncoder().encode(text))
  const args = [password as Bytes, salt as Bytes, { iterations: 1000 }, 64] as const
  const failing = (name: string) => () => Promise.reject(new DOMException('no', name))

  test.each(['SHA-1', 'SHA-256', 'SHA-512'] as const)(
    '%s: @noble/hashes comes to the same',
    async (digest) => {
      const expected = await webCryptoPbkdf2(digest)(...args)
      expect(await pbkdf2Derive(digest, failing('NotSupportedError'))(...args)).toEqual(expected)
    },
  )

  test('passlibPbkdf2 reads what pbkdf2() made, so that it can be taken to a Worker', async () => {
    const hashed = await pbkdf2({ iterations: 100_000 }).hash(HORSE)
    expect(await passlib.verify(HORSE, hashed)).toBe(true)
    const renewed = await pbkdf2({ iterations: 100_000 }).hash(HORSE, { stamp: await passwordStamp(hashed) })
    expect(await passlib.verify(HORSE, renewed)).toBe(true)
  })

  test('any other failure is one', async () => {
    await expect(pbkdf2Derive('SHA-1', failing('OperationError'))(...args)).rejects.toThrow('no')
  })
})

type Bytes = Uint8Array<ArrayBuffer>

describe('a chain', () => {
  const cheap = scrypt({ N: 2 ** 14, p: 5 })
  const DJANGO_HASH = CHEAP.find(([what]) => what === 'Django’s SHA-256')?.[2] ?? ''

  /** Knows texts by what they begin with, and writes down what it is asked. */
  function scribe(prefix: string, log: string[]): PreferredVerifier {
    return {
      verify: (plain, hashed) => log.push(`${prefix} verifies`) > 0 && hashed === `${prefix}${plain}`,
      hash: (plain, { stamp = '' } = {}) => `${prefix}${plain}${stamp}`,
      needsRehash: (hashed) => hashed.endsWith('weak'),
      canVerify: (hashed) => hashed.startsWith(prefix),
      dummyHash: `${prefix}dummy`,
    }
  }

  test('hands each hash to the first that can verify it, and to no other', async () => {
    const log: string[] = []
    const chain = passwordChain(scribe('a', log), scribe('ab', log), scribe('c', log), scribe('cd', log))
    expect(await chain.verify('bx', 'abx')).toBe(true)
    expect(await chain.verify('dx', 'cdx')).toBe(true)
    expect(await chain.verify('y', 'cdx')).toBe(false)
    expect(log).toEqual(['a verifies', 'c verifies', 'c verifies'])
    expect(['ab', 'cd', 'd', ''].map((hashed) => chain.canVerify(hashed))).toEqual([true, true, false, false])
    expect(await chain.verify('x', 'dx')).toBe(false)
    expect(log).toHaveLength(3)
  })

  test('makes what the first makes, its dummy too, and stamps', () => {
    const chain = passwordChain(scribe('a', []), scribe('b', []))
    expect(chain.hash('x')).toBe('ax')
    expect(chain.hash('x', { stamp: '!' })).toBe('ax!')
    expect(chain.dummyHash).toBe('adummy')
  })

  test('asks for a new hash in place of each that is not the first’s, or weak', () => {
    const chain = passwordChain(scribe('a', []), scribe('b', []))
    expect(['a', 'a weak', 'b', 'c'].map((hashed) => chain.needsRehash(hashed))).toEqual([
      false,
      true,
      true,
      true,
    ])
  })

  test('of chains is a chain', async () => {
    const chain = passwordChain(passwordChain(cheap, passlib), passwordChain(pbkdf2(), django))
    expect(await chain.verify(HORSE, DJANGO_HASH)).toBe(true)
    expect(await chain.hash('x')).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$/)
  })

  test('draws no dummy before one is asked for', () => {
    const preferred = {
      ...scribe('a', []),
      get dummyHash(): string {
        throw new Error('drawn')
      },
    }
    expect(() => passwordChain(preferred).dummyHash).toThrow('drawn')
    expect(() => passwordChain(preferred)).not.toThrow()
  })

  test('is refused where the first cannot make hashes, or another not say what it can verify', () => {
    const { verify, hash, needsRehash, canVerify } = scribe('a', [])
    // @ts-expect-error It only verifies.
    expect(() => passwordChain(django)).toThrow(/lacks hash, needsRehash, dummyHash\. Put `argon2id\(\)`/)
    // @ts-expect-error No `needsRehash`.
    const noRehash: Required<PasswordVerifier> = { verify, hash, canVerify, dummyHash: 'a' }
    expect(() => passwordChain(noRehash)).toThrow(/lacks needsRehash\./)
    // @ts-expect-error No `canVerify`: it would take every hash for its own.
    const greedy: Required<PasswordVerifier> = { verify, hash, needsRehash, dummyHash: 'a' }
    expect(() => passwordChain(greedy)).toThrow(/lacks canVerify\./)
    // @ts-expect-error No `canVerify`.
    expect(() => passwordChain(cheap, { verify })).toThrow(/needs `canVerify\(hashed\)`.*Give your own/)
    // @ts-expect-error The same.
    expect(() => passwordChain(cheap, { verify })).toThrow(
      expect.objectContaining({ code: 'invalid_configuration' }),
    )
  })

  describe('at a login', () => {
    /** An app whose table of users takes upgrades, once it is told to. */
    function upgradingApp(passwords: PasswordVerifier, hashedPassword: string) {
      const users = new Users()
      users.change('alice', { hashedPassword })
      const table = { users, takesUpgrades: true, upgrades: 0 }
      const provider = {
        ...users.provider,
        upgradeHash(user: { id: string | number }, { from, to }: { from: string; to: string }) {
          if (!table.takesUpgrades || users.byId.get(user.id)?.hashedPassword !== from) return
          table.upgrades++
          users.change('alice', { hashedPassword: to })
        },
      }
      return { table, ...testApp({ users: provider, passwords }) }
    }

    test('a hash of Django’s becomes one of ours, and no session ends by it', async () => {
      const { table, browser, login, whoIs } = upgradingApp(passwordChain(cheap, django), DJANGO_HASH)
      const [phone, laptop] = [browser(), browser()]
      table.takesUpgrades = false
      expect(await login(phone, 'alice', HORSE)).toMatchObject({ ok: true })
      expect(table.users.named('alice').hashedPassword).toBe(DJANGO_HASH)

      table.takesUpgrades = true
      expect(await login(laptop, 'alice', 'wrong horse')).toMatchObject({ ok: false })
      expect(table.upgrades).toBe(0)
      expect(await login(laptop, 'alice', HORSE)).toMatchObject({ ok: true })
      const stamp = await passwordStamp(DJANGO_HASH)
      const upgraded = table.users.named('alice').hashedPassword ?? ''
      expect(upgraded).toMatch(/^\$scrypt\$ln=14,r=8,p=5,stamp=[\w-]{22}\$[\w+/]{22}\$[\w+/]{43}$/)
      expect(upgraded).toContain(`stamp=${stamp}$`)
      expect([await whoIs(phone), await whoIs(laptop)]).toEqual(['alice', 'alice'])

      expect(await login(browser(), 'alice', HORSE)).toMatchObject({ ok: true })
      expect(await login(browser(), 'alice', 'wrong horse')).toMatchObject({ ok: false })
      expect(table.upgrades).toBe(1)

      // What a new password does, and an upgrade without the stamp would.
      table.users.change('alice', { hashedPassword: await cheap.hash(HORSE) })
      expect([await whoIs(phone), await whoIs(laptop)]).toEqual([null, null])
    })

    test('what takes the place of a hash fits into Django’s column, also at a cost far above the default', async () => {
      const derive = async (_password: unknown, _salt: unknown, _cost: unknown, length: number) =>
        new Uint8Array(length)
      const dear = [
        argon2id({ memoryKiB: 999_999, passes: 4, lanes: 9, derive }),
        scrypt({ N: 2 ** 19, p: 4, derive }),
        pbkdf2({ iterations: 10_000_000, derive }),
      ]
      for (const verifier of dear) {
        const hashed = await verifier.hash(HORSE, { stamp: await passwordStamp(DJANGO_HASH) })
        expect(hashed.length).toBeLessThanOrEqual(128)
        expect(verifier.canVerify(hashed)).toBe(true)
      }
    })

    test.each([
      ['a hash of a kind that nobody knows', '$7$C6..../....', 1],
      ['an unusable password of Django’s', '!yw85dy70H7eahk41R4TjJXapvw0LZ4a58COxqqWO', 1],
      ['a hash of Django’s that is too costly', DJANGO_HASH.replace('1000', '10000001'), 1],
      ['one of ours', `$pbkdf2-sha256$i=100000$${SALT}$${SHA256}`, 1],
      ['one of Django’s, which costs what it costs', DJANGO_HASH, 0],
    ])('%s: our own work is done so often', async (_, hashedPassword, times) => {
      let derived = 0
      const preferred = pbkdf2({
        iterations: 100_000,
        derive: async (_password, _salt, _cost, length) => {
          derived++
          return new Uint8Array(length).fill(1)
        },
      })
      const { login, browser } = upgradingApp(passwordChain(preferred, django, passlib), hashedPassword)
      const invalid = { ok: false, code: 'invalid_credentials' }
      expect(await login(browser(), 'alice', 'wrong horse')).toEqual(invalid)
      expect(derived).toBe(times)
      expect(await login(browser(), 'nobody', 'wrong horse')).toEqual(invalid)
      expect(derived).toBe(times + 1)
    })
  })
})
