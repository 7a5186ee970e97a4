import { Buffer } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import * as nodeRs from '@node-rs/argon2'
import bcryptjs from 'bcryptjs'
import fc from 'fast-check'
import {
  aspnetPasswords,
  bcryptBy,
  betterAuthPasswords,
  djangoPasswords,
  firebasePasswords,
  keycloakPasswords,
  type LegacyVerifier,
  nodeRsArgon2,
  passlibPbkdf2,
  scrypt,
  shaCrypt,
  springPasswords,
  werkzeugPasswords,
  wordpressPasswords,
} from 'latchkey/password'
import { describe, expect, test } from 'vitest'
import { byNoble as scryptByNoble, scryptDerive } from '../../../src/password/scrypt.ts'

const UMLAUTS = 'pässwörd✓'
/** The project of the example in the manual of github.com/firebase/scrypt. */
const SIGNER_KEY = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=='

const argon2 = nodeRsArgon2(nodeRs)
const aspnet = aspnetPasswords()
const betterAuth = betterAuthPasswords()
const django = djangoPasswords({ bcrypt: bcryptjs })
const firebase = firebasePasswords({ signerKey: SIGNER_KEY })
const keycloak = keycloakPasswords({ argon2 })
const spring = springPasswords({ argon2, bcrypt: bcryptjs })
const werkzeug = werkzeugPasswords()
const wordpress = wordpressPasswords({ bcrypt: bcryptjs })

type Vector = readonly [what: string, verifier: LegacyVerifier, hashed: string, password: string]

/*
 * Made by Werkzeug 3.1.9 (generate_password_hash), Django 5.2.17, passlib 1.7.4, bcrypt 5.0.0, argon2-cffi 25.1.0,
 * better-auth 1.7.25, lucia 3.2.2, oslo 1.2.1, firebase-scrypt, @adonisjs/hash. ASP.NET, Keycloak, Spring and Lucia 1 are
 * laid out by hand around hashlib's, argon2-cffi's and OpenSSL's keys; WordPress's by hand around bcrypt's.
 */
const VECTORS: readonly Vector[] = [
  [
    'Flask: scrypt',
    werkzeug,
    'scrypt:32768:8:1$3V2D9RP8fuPsFEbn$963900e6e032d9deeb5d33ab2cee2b03e009181fd5e221e2b3786829dab3414d965f032e591177371ed26a9f1c3a732af8992c0080587f04debe48017fa663cc',
    UMLAUTS,
  ],
  [
    'Flask: scrypt of another cost',
    werkzeug,
    'scrypt:1024:4:2$U0h7oMHvzjgwMqzj$c12405c7eaba131cf46ca5fd38a7ee01ebdc9c687059a6a4439f15e2e297aec67480d0543121d1b69e9ee57725f64803dba0fc196bcd247c532480ce10e1484a',
    UMLAUTS,
  ],
  [
    'Flask: PBKDF2-SHA-1',
    werkzeug,
    'pbkdf2:sha1:1000$m1iKXYZkTuf51Q3b$6c791fedb4369610eac1cefe23262fcce049d6ee',
    UMLAUTS,
  ],
  [
    'Flask: PBKDF2-SHA-256',
    werkzeug,
    'pbkdf2:sha256:1000$8ZgdLfMNtOfpcLGu$f109bbdeb153171f1078981a0722848ebd5b71a3194b252fff9e74f0aa380c26',
    UMLAUTS,
  ],
  [
    'Flask: PBKDF2-SHA-512',
    werkzeug,
    'pbkdf2:sha512:1000$cw53NaPFbVKQf4tG$f845a3c6ac080697d65b62cb902f54e8ac83a3fca4ca5495218ac351d9eed7f9a1ef077e0c0d02a8b0a361ddb815592addffdc7982deb7fcd8da51ca0a471fc1',
    UMLAUTS,
  ],
  [
    'Django: bcrypt_sha256',
    django,
    'bcrypt_sha256$$2b$04$gP/6v3FrkLhPgVoU0LdLauB0fMi9wX7/6AhsfcOFLehVrH/nVzkSm',
    UMLAUTS,
  ],
  ['Django: bcrypt', django, 'bcrypt$$2b$04$ihbksna6Z1aY6DZu.BVR7.acGbTBXmOrVcEDsoOfj0XORJd7bLTnC', UMLAUTS],
  ['WordPress: phpass of 2^7', wordpress, '$P$5tBCnVJE3i16ZAYYO1g9S2HxvdFCs//', UMLAUTS],
  ['phpBB: $H$', wordpress, '$H$BepfHjYWDD/T5GAg3OiZZIkj3JvaS6.', UMLAUTS],
  ['WordPress 6.8', wordpress, '$wp$2y$04$1by.A6wU8lOT2IvCJReLI.SifbzdHbMFpbH2IfXj2IjWkfFMEq9XK', UMLAUTS],
  [
    'WordPress 6.8: a quote with a slash',
    wordpress,
    '$wp$2y$04$aH.sc/uyBDR/RZVySwzl9eA5507mVBJn2SEbowGTaD1230tglNJsO',
    "it's a horse",
  ],
  [
    'WordPress 6.8: a quote without',
    wordpress,
    '$wp$2y$04$TLOVHdIRTaoSVJlSs25sxOm1svMcF0W4MSCHxnQSu1wQp.3R5zBdK',
    "it's a horse",
  ],
  [
    'ASP.NET Core Identity 3: SHA-1',
    aspnet,
    'AQAAAAAAAAPoAAAAEPj5XBthkKCL3nL4TwPkr5ZN4ULrBNObPI3kkiAgnlfY8iKHQfkxygYBFr5dHdcemA==',
    UMLAUTS,
  ],
  [
    'ASP.NET Core Identity 3: SHA-256',
    aspnet,
    'AQAAAAEAACcQAAAAEEnxjuy55IcvIZbXvBdKuiGFIjy0vk4O8dYY29ZiJ/OBqtoymS8prt/i/ODp3pf71Q==',
    UMLAUTS,
  ],
  [
    'ASP.NET Core Identity 3: SHA-512 of 32 bytes',
    aspnet,
    'AQAAAAIAAYagAAAAENO6z9NcaF36LaglwHDcEem1x9drw9YFxbp2CkjbGbPQzYihgEhvYyAdDg1J0n7zuQ==',
    UMLAUTS,
  ],
  [
    'ASP.NET Core Identity 2',
    aspnet,
    'ADILRf9ifeJS9QQOQSwa2Vc7K234B55k+GRoQvqoNgalvUxoEFtLISDvMTJNPF5HUw==',
    UMLAUTS,
  ],
  [
    'Keycloak: PBKDF2-SHA-1',
    keycloak,
    '{"secretData":"{\\"value\\": \\"TJ5P75CoRw33Pmf0xzvHPOI1WUibu23HBW4Ivz/5wzPcaD1ijyvniLxOE90s0xrLxZSP1L6pazSQTam5jycdjg==\\", \\"salt\\": \\"TfLveRyXEGZy8kGhAfkSJg==\\", \\"additionalParameters\\": {}}","credentialData":"{\\"hashIterations\\": 20000, \\"algorithm\\": \\"pbkdf2\\", \\"additionalParameters\\": {}}"}',
    UMLAUTS,
  ],
  [
    'Keycloak: PBKDF2-SHA-256 of 64 bytes',
    keycloak,
    '{"secretData":"{\\"value\\": \\"BkJiqJ70LQhdzuq85QPEa034oYM0VINfh2VIXl6J79IgCjiEHzV0brjk5v/MLmzmmpko8hzp6vHmpUzBay9yNg==\\", \\"salt\\": \\"PzJXORdBa2VqFkeyB5LCjg==\\", \\"additionalParameters\\": {}}","credentialData":"{\\"hashIterations\\": 27500, \\"algorithm\\": \\"pbkdf2-sha256\\", \\"additionalParameters\\": {}}"}',
    UMLAUTS,
  ],
  [
    'Keycloak: PBKDF2-SHA-512',
    keycloak,
    '{"secretData":"{\\"value\\": \\"qcoj4oGIYd9OfqUkViafKLf/F/yzDbXbEk+nQXWaJVlbWsQsDhrBcgdzWekBkT2GZbkY8R02zVUfhaFTQ/pENA==\\", \\"salt\\": \\"CZ5vIPK6SgLd5mUEKiWWOg==\\", \\"additionalParameters\\": {}}","credentialData":"{\\"hashIterations\\": 21000, \\"algorithm\\": \\"pbkdf2-sha512\\", \\"additionalParameters\\": {}}"}',
    UMLAUTS,
  ],
  [
    'Keycloak: argon2id',
    keycloak,
    '{"secretData":"{\\"value\\": \\"4vNZEm23PZdv7qVmmZkm895E98Jf54/QibJZAT9a2II=\\", \\"salt\\": \\"l4SxTiWGxCTrZvAKjEdQ6g==\\", \\"additionalParameters\\": {}}","credentialData":"{\\"hashIterations\\": 5, \\"algorithm\\": \\"argon2\\", \\"additionalParameters\\": {\\"hashLength\\": [\\"32\\"], \\"memory\\": [\\"7168\\"], \\"type\\": [\\"id\\"], \\"version\\": [\\"1.3\\"], \\"parallelism\\": [\\"1\\"]}}"}',
    UMLAUTS,
  ],
  ['Spring: bcrypt', spring, '{bcrypt}$2a$04$o09GFgWoY8cdtVkMDv2fKepGj1LWLCjARxmgNQatz95aSCfNm2vT2', UMLAUTS],
  [
    'Spring: PBKDF2',
    spring,
    '{pbkdf2}5602c4c308412c7ef457aa455870566bcdf8fefdb135fd93cbe21d87785a5c34888a6744eebee3ee',
    UMLAUTS,
  ],
  [
    'Spring: PBKDF2 since 5.8',
    spring,
    '{pbkdf2@SpringSecurity_v5_8}9663d2817142f35db277c46eddb1e7a3ceb80fd02195c712384eeb2c0b4fbdca1709cb481190e530ee4c26c5d8929230',
    UMLAUTS,
  ],
  [
    'Spring: scrypt since 5.8',
    spring,
    '{scrypt@SpringSecurity_v5_8}$100801$7qt1HzBy1ti2eWNTU9A7LA==$gjeHTahYMdhZQEi8+vqWjUzX/bxTqrs2sjilDxJMmAE=',
    UMLAUTS,
  ],
  [
    'Spring: argon2',
    spring,
    '{argon2}$argon2id$v=19$m=4096,t=3,p=1$/9dJqT61OuZe9oWOlQsMfA$IXQm8D8amHgJheukWZxV1o+vIvYIyMRSS8hMuoUSTEE',
    UMLAUTS,
  ],
  [
    'Spring: argon2 since 5.8',
    spring,
    '{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384,t=2,p=1$U7UYXsCgorFI/KwYVwZXQQ$e1FxjhV/wzDOFy+ANRjcYTjgfB/L99G9x+oOncX92q8',
    UMLAUTS,
  ],
  [
    'Spring: PBKDF2 with a secret',
    springPasswords({ pbkdf2Secret: 'pepper' }),
    '{pbkdf2}de7d41186dee2eb682140b4b816135a77100fe47d85b3f9915ec687b9b8a9f8cc83813e65ef9fd71',
    UMLAUTS,
  ],
  [
    'Spring: PBKDF2 of its manual',
    spring,
    '{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc',
    'password',
  ],
  [
    'Spring: scrypt of its manual',
    spring,
    '{scrypt}$e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc=',
    'password',
  ],
  [
    'Devise, with a pepper',
    bcryptBy(bcryptjs, { pepper: '0123456789abcdef0123456789abcdef' }),
    '$2b$04$/YH6Cs7nGvc67iluhPrnNeudxWuQ6cmiGUfXchmcXYW7e2MNvRVBe',
    UMLAUTS,
  ],
  [
    'Laravel',
    bcryptBy(bcryptjs),
    '$2y$12$eGUVQ0CwlVkjo.W6QOfXj.YnTcRIUpm2HqH6McVe/OpebgOD.ArEO',
    'correct horse 9',
  ],
  [
    'better-auth',
    betterAuth,
    '7534005942ec11260c3da6a88ac7d435:c1574f72d1ba29eb90eb4afe6092f437d97c3d1ea8523bb5805c40bb6154cb5789c0ef1a0b9b90b70444ae05779ba8945e0356f808ea27352b0c081ca9770254',
    UMLAUTS,
  ],
  [
    'better-auth: NFKC',
    betterAuth,
    'dac3afab244568ec277bbddee4f6e149:a020274686f358dcd584f0c1f5d2de9758c43258d28a9485bda571dea6b2afffdbd99384363f75986ca52055d50e3cba6644917a55119ed14555bb358a5323b6',
    'fine horse',
  ],
  [
    'Lucia',
    betterAuth,
    '6d7c70eb7050f3a72e2eb9cf08a308ef:11eed891a8920befb0b5f5713677fd77012b896fe5a32508e0885e9e01ba57571b6e5a77a0027d7cb63b21f34fd20c77b7902e934973d840d987f7ad22aa4440',
    UMLAUTS,
  ],
  [
    'Lucia 2',
    betterAuth,
    's2:6f758986bda634cda2d80bdb5a0b462d:3f0a9978b892dcd89fd4b292c841c0dc5b8ff5917bd02c002a26fc4111e70106fdffa8a17dad321c125c478275eba48ac07f4c137f4957739c12cacad6aca11a',
    UMLAUTS,
  ],
  [
    'Lucia 1',
    betterAuthPasswords({ r: 8 }),
    '0123456789abcdef0123456789abcdef:468e8a9e3b7b5f823b17fae98c0a856dc2371f38db8b69c77f74bb06dfff455ba3bcd021d11fb1e12579d05a20b1d3f7ffc84c32afada9bcfe505285abc4f50f',
    UMLAUTS,
  ],
  [
    'oslo, with a cost of its own',
    betterAuthPasswords({ N: 1024, r: 4, p: 2 }),
    'e77df27507be17535a72066823e6bddc:ab94cbbf1cf5508a9fc25063aff1207a2be568e304e482905d53cbd360821b534e17af7974a21ae727775427168740d0d62fb7e577dc3dfbdde8b414785a5bdd',
    UMLAUTS,
  ],
  [
    'Firebase',
    firebase,
    '$firebase$42xEC+ixf3L2lw==$ji4q6ktuO1b8aeN4uB8QoXPyO9H4EcOqIDOBCWMfzSwkJbv/C72swX0JPdQpxNtkKWZwOqokyQ7ZnT1qdNbDKQ==',
    UMLAUTS,
  ],
  [
    'Firebase: of its manual',
    firebase,
    '$firebase$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
    'user1password',
  ],
  [
    'Firebase: as the Admin SDK spells it',
    firebase,
    '$firebase$42xEC-ixf3L2lw==$lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ==',
    'user1password',
  ],
  [
    'sha256_crypt',
    shaCrypt(),
    '$5$rounds=1000$cg8cWW0ux5ml8h8U$Yz6W3aZLnoaiLWjeQ5gFRPCS17ucTuZ49XF4gz.KxIC',
    UMLAUTS,
  ],
  [
    'sha256_crypt: 5,000 rounds, which it does not say',
    shaCrypt(),
    '$5$TW61VY8BILecU52H$xtrMyNxR/6xhbw5.BewJ3cmo.qXkOxMYdesgrPkBsMD',
    'correct horse',
  ],
  [
    'sha256_crypt: a long password',
    shaCrypt(),
    '$5$rounds=1000$ab$PvUKpagQ3CSVICP/0l8muOEvck54vu7dum8WNjCzkl5',
    'x'.repeat(150),
  ],
  [
    'sha512_crypt',
    shaCrypt(),
    '$6$rounds=1000$hTPumTBp9nnJ9idP$WUBmkvjVkSfgUNsgLLUtBVWAwpAcnTo5R6ODNj8OGBO6RNmzUMEFZZVUVfbsHNhNbqROZE1MT5Be2864fHJ46.',
    UMLAUTS,
  ],
  [
    'sha512_crypt: 5,000 rounds, which it does not say',
    shaCrypt(),
    '$6$dYIpl7jz0rLcIpWX$RXA2.teW2c71uc6FF6h2YFq1QE5ckPxyNvEBk5MeNdztI/KTfM8U20AemW7nfC/lZP3LTK3GVsDMaKR668A.u1',
    'correct horse',
  ],
  [
    'sha512_crypt: a long password',
    shaCrypt(),
    '$6$rounds=1000$ab$V7GpzLsmDA2bIJed8isoaVfXs9YBsic0ag/08YpRO136ZGmEUUFD.rhw0dNOfIlxjbJNzeBMqm7i5MX5EutFZ1',
    'x'.repeat(150),
  ],
  [
    'passport-local-mongoose',
    passlibPbkdf2(),
    '$pbkdf2-sha256$i=25000$OGZlZjRiNmQzNzE1ODk2NWQ3Y2UxMjM2MzJhYzI0Mjc0ZjcxMjFlZjJkOTIzNDVmZmU2ODU5ODQwNmQwMmM5Yw$mWnIIrli/sIB4rCkY3yFbJUqCIcK0j5xN7urJnpKTEJf8G3SH4hsiEz2W8eI06Khe9/j5lZWGWM0zlkhknfmWZM1DyP53zh7Vw5uIp3UxUTkzgolflRzhigVkkwiQkcPVKX4WvlF0C9cdvcctVeb5rsk1FyBPr6Gyg1Q8ZdnVMgIOqfmfjch4eX8H4qDMU1CIlyyZb+RstoPEbDw5PR/B/b8OcUTPaEJZB/r438LBf6Ik5O1ZPPUiCHMK2NVzIocM/24ANi/FPi220Xysf805N2V/OqoSCjpukSGKMbr8vc5UhOmtMIzYBpcVskTuih7GuNJs/ETGxkakb2gcYiwUyXnKIgW52X5oR+4SRhrhLknFT9Lov1iHhtXDo80kv/Xc5wFQv3r+ZYhBXLP5a0Io0MUSrE2Xy4/RN5NRwYcSGo89Nj6ZvIdwfMovWTDZF2FKeM4tiU3wgOaoa7NFOrjOcnR1Mk13yRlRX2FMUo4s1xgvew42YRoX69+hSOZNPzfZmB0JihuJ9n3m4Tv7SrytDQ5VAxWfZ6Pl7pUMovT0Z+z72mGMLABGuursUuO0WoiVg3DGhD5UPVKhnKh6ENLNLvimhIlFs5mktDEz1UpyoYhQHVTC5/cNnRGUkuZvIW8EX6PfcKHBdhw4ve1Y4wVMbp9fPr6HGDkvYdz4HRv08k',
    UMLAUTS,
  ],
  [
    'crypto.pbkdf2, of columns',
    passlibPbkdf2(),
    '$pbkdf2-sha512$i=1000$YTFiMmMzZDRlNWY2MDcxOA$NbPyydh6B/HyA03Vz2fgy/y+zgiMq2jJNdoYKKRDqxqFluKYRqBPz2RMElGozO2j9NjuD2X7pqjFgWfYqONiEw',
    UMLAUTS,
  ],
  [
    'AdonisJS',
    scrypt(),
    '$scrypt$n=1024,r=8,p=1$W2GARrpp4qYkOxPPWjgyBw$Gouu/PlAxOMzfQEVTXarXgBJo1rFkn2WL0fXmgIYUVrwvSQBCzJWuoAXDM0Pqh/pvYbmjJ6BMpeOZgFTwJjGkA',
    UMLAUTS,
  ],
  [
    'passlib: scrypt with p > N - 2',
    scrypt(),
    '$scrypt$ln=1,r=4,p=2$wLj3HiOEkBKiFKL0fk9JaQ$sBpgH4X8A37kGTGmZOxPHfN1tDKaPe1ZTPlyjt4v9xM',
    UMLAUTS,
  ],
  [
    'passlib: scrypt with p > N, r = 1',
    scrypt(),
    '$scrypt$ln=4,r=1,p=40$ZYzROkcIAeB8r7XWOicEwA$el8OsSIqCCGhHxuarHDuZPRLY3bTygnyVxph4syVRbY',
    UMLAUTS,
  ],
]

const of = (what: string): Vector => VECTORS.find(([name]) => name === what) as Vector
const hashOf = (what: string): string => of(what)[2]

test.each(VECTORS)('%s', async (_, verifier, hashed, password) => {
  expect(verifier.canVerify(hashed)).toBe(true)
  expect(await verifier.verify(password, hashed)).toBe(true)
  for (const wrong of [`${password}x`, password.toUpperCase()])
    expect(await verifier.verify(wrong, hashed)).toBe(false)
})

describe('what another system does to a password before it hashes it', () => {
  test.each([
    ['WordPress leaves blanks around it out', 'WordPress 6.8', ` \t${UMLAUTS}\r\n`, true],
    ['also for phpass', 'WordPress: phpass of 2^7', `${UMLAUTS} `, true],
    ['but not those that PHP does not know', 'WordPress 6.8', `${UMLAUTS}\u00a0`, false],
    ['and not those of others', 'Flask: PBKDF2-SHA-1', `${UMLAUTS} `, false],
    ['better-auth takes it in NFKC', 'better-auth: NFKC', '\ufb01ne horse', true],
    ['and in NFD as well', 'better-auth', UMLAUTS.normalize('NFD'), true],
    ['others as it is typed', 'Flask: PBKDF2-SHA-1', UMLAUTS.normalize('NFD'), false],
  ])('%s', async (_, what, typed, isRight) => {
    const [, verifier, hashed] = of(what)
    expect(await verifier.verify(typed, hashed)).toBe(isRight)
  })

  test('without the pepper the password is wrong', async () => {
    expect(await bcryptBy(bcryptjs).verify(UMLAUTS, hashOf('Devise, with a pepper'))).toBe(false)
    expect(await spring.verify(UMLAUTS, hashOf('Spring: PBKDF2 with a secret'))).toBe(false)
  })

  test('another cost, signer key or separator is another hash', async () => {
    expect(await betterAuth.verify(UMLAUTS, hashOf('Lucia 1'))).toBe(false)
    expect(await betterAuthPasswords({ r: 8 }).verify(UMLAUTS, hashOf('Lucia 2'))).toBe(true)
    const options = [
      { signerKey: SIGNER_KEY.replace('j', 'k') },
      { signerKey: SIGNER_KEY, saltSeparator: 'CA==' },
      { signerKey: SIGNER_KEY, memoryCost: 13 },
      { signerKey: SIGNER_KEY, rounds: 4 },
    ]
    for (const option of options)
      expect(await firebasePasswords(option).verify(UMLAUTS, hashOf('Firebase'))).toBe(false)
  })
})

test('where no bcrypt is handed over, none is verified', () => {
  expect(djangoPasswords().canVerify(hashOf('Django: bcrypt'))).toBe(false)
  expect(djangoPasswords().canVerify(hashOf('Django: bcrypt_sha256'))).toBe(false)
  expect(springPasswords().canVerify(hashOf('Spring: bcrypt'))).toBe(false)
  expect(wordpressPasswords().canVerify(hashOf('WordPress 6.8'))).toBe(false)
})

/** A number in big-endian, four bytes. */
const word = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
]
const aspnetOf = (prf: number, iterations: number, saltBytes: number, bytes: number): string =>
  Buffer.from([1, ...word(prf), ...word(iterations), ...word(saltBytes), ...Array(bytes).fill(7)]).toString(
    'base64',
  )
const keycloakOf = (change: { secret?: object; credential?: object } = {}): string =>
  JSON.stringify({
    secretData: JSON.stringify({
      value: 'A'.repeat(86).concat('=='),
      salt: 'AAAAAAAAAAA=',
      ...change.secret,
    }),
    credentialData: JSON.stringify({
      hashIterations: 1000,
      algorithm: 'pbkdf2-sha512',
      ...change.credential,
    }),
  })
const SALT32 = '0'.repeat(32)
const KEY128 = '0'.repeat(128)
const CRYPT = 'A'.repeat(22)

describe('what is malformed or absurd is refused before any work', () => {
  test.each<[sentence: string, verifier: LegacyVerifier, hashed: string]>([
    ['ASP.NET: the most iterations', aspnet, aspnetOf(1, 10_000_000, 16, 48)],
    ['ASP.NET: the shortest key', aspnet, aspnetOf(2, 1000, 16, 32)],
    ['Keycloak', keycloak, keycloakOf()],
    ['Flask: the most scrypt', werkzeug, `scrypt:524288:8:1$salt$${KEY128}`],
    ['better-auth', betterAuth, `${SALT32}:${KEY128}`],
    ['WordPress: the most rounds', wordpress, `$P$I12345678${CRYPT}`],
    ['Spring: scrypt', spring, `{scrypt}$130801$AAAA$${'A'.repeat(43)}=`],
    ['Firebase', firebase, `$firebase$AAAA$${'A'.repeat(86)}==`],
    ['SHA-crypt: the most rounds', shaCrypt(), `$6$rounds=1000000$salt$${'A'.repeat(86)}`],
  ])('the test can fail: %s', (_, verifier, hashed) => expect(verifier.canVerify(hashed)).toBe(true))

  test.each<[sentence: string, verifier: LegacyVerifier, hashed: string]>([
    ['ASP.NET: nothing', aspnet, ''],
    ['ASP.NET: another version', aspnet, aspnetOf(1, 1000, 16, 48).replace(/^AQ/, 'Ag')],
    ['ASP.NET: another digest', aspnet, aspnetOf(3, 1000, 16, 48)],
    ['ASP.NET: no iterations', aspnet, aspnetOf(1, 0, 16, 48)],
    ['ASP.NET: 10,000,001 iterations', aspnet, aspnetOf(1, 10_000_001, 16, 48)],
    ['ASP.NET: four billion', aspnet, aspnetOf(1, 0xffff_ffff, 16, 48)],
    ['ASP.NET: no salt', aspnet, aspnetOf(1, 1000, 0, 48)],
    ['ASP.NET: a salt of four gigabytes', aspnet, aspnetOf(1, 1000, 0xffff_ffff, 48)],
    ['ASP.NET: a key of 15 bytes', aspnet, aspnetOf(1, 1000, 16, 31)],
    ['ASP.NET: a head alone', aspnet, aspnetOf(1, 1000, 16, 0)],
    ['ASP.NET: half a head', aspnet, 'AQAAAA=='],
    ['ASP.NET 2: a byte too many', aspnet, Buffer.alloc(50).toString('base64')],
    ['ASP.NET: no padding', aspnet, aspnetOf(1, 1000, 16, 49).replace(/=+$/, '')],
    ['ASP.NET: padded with blanks', aspnet, `${aspnetOf(1, 1000, 16, 48)} `],
    ['ASP.NET: a megabyte', aspnet, 'AAAA'.repeat(250_000)],
    ['Keycloak: no JSON', keycloak, '{'],
    ['Keycloak: null', keycloak, 'null'],
    ['Keycloak: a list', keycloak, '[]'],
    ['Keycloak: half of it', keycloak, keycloakOf().replace('credentialData', 'other')],
    ['Keycloak: another algorithm', keycloak, keycloakOf({ credential: { algorithm: 'md5' } })],
    ['Keycloak: no algorithm', keycloak, keycloakOf({ credential: { algorithm: null } })],
    [
      'Keycloak: an algorithm with a cost',
      keycloak,
      keycloakOf({ credential: { algorithm: 'pbkdf2$1000' } }),
    ],
    [
      'Keycloak: iterations as text in hexadecimal',
      keycloak,
      keycloakOf({ credential: { hashIterations: '0x1' } }),
    ],
    ['Keycloak: four billion', keycloak, keycloakOf({ credential: { hashIterations: 4e9 } })],
    ['Keycloak: a salt that is a list', keycloak, keycloakOf({ secret: { salt: ['AAAA'] } })],
    ['Keycloak: argon2 without parameters', keycloak, keycloakOf({ credential: { algorithm: 'argon2' } })],
    ['Keycloak: argon2 of a terabyte', keycloak, hashOf('Keycloak: argon2id').replace('7168', '1073741824')],
    ['Keycloak: a megabyte', keycloak, keycloakOf().padEnd(1e6)],
    ['Keycloak: deep', keycloak, '['.repeat(1e5)],
    ['Flask: MD5', werkzeug, 'md5$salt$f5d61f4e1ac0ab0e4f9ed1f9e9d7ac9b'],
    ['Flask: without iterations', werkzeug, `pbkdf2:sha256$salt$${KEY128.slice(64)}`],
    ['Flask: another digest', werkzeug, `pbkdf2:md5:1000$salt$${KEY128.slice(64)}`],
    ['Flask: a leading zero', werkzeug, `pbkdf2:sha256:01000$salt$${KEY128.slice(64)}`],
    ['Flask: 10,000,001 iterations', werkzeug, `pbkdf2:sha256:10000001$salt$${KEY128.slice(64)}`],
    ['Flask: upper case', werkzeug, `pbkdf2:sha256:1000$salt$${'A'.repeat(64)}`],
    ['Flask: an odd digit', werkzeug, `pbkdf2:sha256:1000$salt$${KEY128.slice(63)}`],
    ['Flask: a gigabyte of scrypt', werkzeug, `scrypt:1048576:8:1$salt$${KEY128}`],
    ['Flask: N that is no power of two', werkzeug, `scrypt:1023:8:1$salt$${KEY128}`],
    ['Flask: N too great for r', werkzeug, `scrypt:65536:1:1$salt$${KEY128}`],
    ['Flask: a gigabyte by p', werkzeug, `scrypt:2:1:8388608$salt$${KEY128}`],
    ['Flask: a newline behind', werkzeug, `scrypt:1024:8:1$salt$${KEY128}\n`],
    ['better-auth: a shorter salt', betterAuth, `${SALT32.slice(2)}:${KEY128}`],
    ['better-auth: a shorter key', betterAuth, `${SALT32}:${KEY128.slice(2)}`],
    ['better-auth: upper case', betterAuth, `${SALT32}:${'A'.repeat(128)}`],
    ['Lucia: another version', betterAuth, `s3:${SALT32}:${KEY128}`],
    ['WordPress: MD5', wordpress, 'f5d61f4e1ac0ab0e4f9ed1f9e9d7ac9b'],
    ['WordPress: 2^6 rounds', wordpress, `$P$412345678${CRYPT}`],
    ['WordPress: 2^21 rounds', wordpress, `$P$J12345678${CRYPT}`],
    ['WordPress: 2^63 rounds', wordpress, `$P$z12345678${CRYPT}`],
    ['WordPress: cut', wordpress, `$P$B12345678${CRYPT.slice(1)}`],
    ['WordPress: bcrypt alone', wordpress, `$2y$10$${'A'.repeat(53)}`],
    ['WordPress 6.8: cost 17', wordpress, hashOf('WordPress 6.8').replace('$04$', '$17$')],
    ['Drupal 7', wordpress, `$S$D${'A'.repeat(51)}`],
    ['Django: bcrypt with one dollar', django, hashOf('Django: bcrypt').replace('$$', '$')],
    ['Django: bcrypt of cost 17', django, hashOf('Django: bcrypt').replace('$04$', '$17$')],
    ['Spring: the password itself', spring, '{noop}password'],
    ['Spring: MD5', spring, '{MD5}5f4dcc3b5aa765d61d8327deb882cf99'],
    ['Spring: no id', spring, hashOf('Spring: bcrypt').slice('{bcrypt}'.length)],
    ['Spring: an id twice', spring, `{bcrypt}${hashOf('Spring: bcrypt')}`],
    ['Spring: an id in capitals', spring, hashOf('Spring: bcrypt').replace('bcrypt', 'BCRYPT')],
    ['Spring: PBKDF2 of 15 bytes', spring, `{pbkdf2}${'0'.repeat(2 * 23)}`],
    ['Spring: a megabyte of PBKDF2', spring, `{pbkdf2}${'0'.repeat(1e6)}`],
    ['Spring: scrypt of a gigabyte', spring, `{scrypt}$140801$AAAA$${'A'.repeat(43)}=`],
    ['Spring: scrypt with an N of 2^255', spring, `{scrypt}$ff0801$AAAA$${'A'.repeat(43)}=`],
    ['Spring: scrypt without p', spring, `{scrypt}$e0800$AAAA$${'A'.repeat(43)}=`],
    ['Firebase: a shorter hash', firebase, `$firebase$AAAA$${'A'.repeat(43)}=`],
    ['Firebase: no salt', firebase, `$firebase$$${'A'.repeat(86)}==`],
    ['Firebase: without its name', firebase, `$AAAA$${'A'.repeat(86)}==`],
    ['SHA-crypt: 999 rounds', shaCrypt(), `$6$rounds=999$salt$${'A'.repeat(86)}`],
    ['SHA-crypt: 1,000,001 rounds', shaCrypt(), `$6$rounds=1000001$salt$${'A'.repeat(86)}`],
    ['SHA-crypt: of the other digest', shaCrypt(), `$5$rounds=1000$salt$${'A'.repeat(86)}`],
    ['SHA-crypt: a salt of 17', shaCrypt(), `$6$${'s'.repeat(17)}$${'A'.repeat(86)}`],
    ['MD5-crypt', shaCrypt(), `$1$salt$${CRYPT}`],
  ])('%s', async (_, verifier, hashed) => {
    expect(verifier.canVerify(hashed)).toBe(false)
    expect(await verifier.verify('x', hashed)).toBe(false)
  })

  test.each([
    ['nothing', ''],
    ['4,097 bytes', 'x'.repeat(4097)],
    ['NUL', `${UMLAUTS}\0`],
    ['a lone surrogate', 'a\ud800'],
  ])('a password with %s', async (_, password) => {
    for (const [, verifier, hashed] of VECTORS) expect(await verifier.verify(password, hashed)).toBe(false)
  })

  test('a password so long that its rounds would take a minute is wrong at once', async () => {
    const long = 'x'.repeat(4096)
    const begin = performance.now()
    expect(await wordpress.verify(long, `$P$I12345678${CRYPT}`)).toBe(false)
    expect(await shaCrypt().verify(long, `$6$rounds=1000000$salt$${'A'.repeat(86)}`)).toBe(false)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})

test('whatever is stored, nothing throws', async () => {
  const verifiers = [...new Set(VECTORS.map(([, verifier]) => verifier))]
  const mangled = fc
    .tuple(
      fc.constantFrom(...VECTORS.map(([, , hashed]) => hashed)),
      fc.nat(200),
      fc.nat(4),
      fc.string({ unit: 'binary' }),
    )
    .map(([hashed, at, count, text]) => hashed.slice(0, at) + text + hashed.slice(at + count))
  await fc.assert(
    fc.asyncProperty(mangled, async (hashed) => {
      for (const verifier of verifiers)
        if (!verifier.canVerify(hashed)) expect(await verifier.verify('x', hashed)).toBe(false)
    }),
    { numRuns: 500 },
  )
})

test('scrypt of any cost within the bounds is derived, by node:crypto as by @noble/hashes', async () => {
  const cost = fc.record({
    log: fc.integer({ min: 1, max: 6 }),
    r: fc.integer({ min: 1, max: 4 }),
    p: fc.nat(70),
  })
  const bytes = new Uint8Array(16)
  await fc.assert(
    fc.asyncProperty(cost, async ({ log, r, p }) => {
      const cost = { N: 2 ** log, r, p }
      const hashed = `$scrypt$ln=${log},r=${r},p=${p}$${'A'.repeat(22)}$${'A'.repeat(22)}`
      expect(scrypt().canVerify(hashed)).toBe(p > 0)
      if (p === 0) return
      expect(await scrypt().verify('x', hashed)).toBe(false)
      expect(await scryptDerive()(bytes, bytes, cost, 16)).toEqual(
        Buffer.from(await scryptByNoble(bytes, bytes, cost, 16)),
      )
    }),
  )
})

test.each<[sentence: string, build: () => unknown, message: RegExp]>([
  ['a cost that is none', () => betterAuthPasswords({ N: 1000 }), /`betterAuthPasswords` takes a cost/],
  ['a cost that could stop the server', () => betterAuthPasswords({ N: 2 ** 24 }), /`betterAuthPasswords`/],
  ['no signer key', () => firebasePasswords({} as never), /Firebase console/],
  [
    'a signer key that is cut',
    () => firebasePasswords({ signerKey: SIGNER_KEY.slice(1) }),
    /Firebase console/,
  ],
  [
    'a parameter as the console spells it',
    () => firebasePasswords({ signerKey: SIGNER_KEY, mem_cost: 8 } as never),
    /`mem_cost`/,
  ],
  ['a memory cost of 40', () => firebasePasswords({ signerKey: SIGNER_KEY, memoryCost: 40 }), /Firebase/],
  ['a library without `compare`', () => springPasswords({ bcrypt: {} as never }), /`compare`/],
])('%s is refused when it is built', (_, build, message) => {
  expect(build).toThrowError(expect.objectContaining({ code: 'invalid_configuration' }))
  expect(build).toThrow(message)
})

/** WordPress hashes the empty text for users who have no password. */
test.each([' ', '\t', ' \n '])(
  'blanks are no password of a WordPress user without one: %j',
  async (blanks) => {
    const phpass = '$P$B12345678'
    const mac = createHmac('sha384', 'wp-sha384').update('').digest('base64')
    const hashes = [`$wp${bcryptjs.hashSync(mac, 4)}`, phpassOf('', phpass)]
    for (const hashed of hashes) {
      expect(wordpress.canVerify(hashed)).toBe(true)
      expect(await wordpress.verify(blanks, hashed)).toBe(false)
    }
  },
)

/** phpass by Node's own MD5. */
function phpassOf(text: string, start: string): string {
  const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  let hash = createHash('md5')
    .update(start.slice(4) + text)
    .digest()
  for (let i = 0; i < 2 ** alphabet.indexOf(start[3] ?? ''); i++)
    hash = createHash('md5')
      .update(Buffer.concat([hash, Buffer.from(text)]))
      .digest()
  let encoded = ''
  for (let i = 0; i < 16; i += 3) {
    const value = (hash[i] ?? 0) | ((hash[i + 1] ?? 0) << 8) | ((hash[i + 2] ?? 0) << 16)
    for (let at = 0; at < (i === 15 ? 2 : 4); at++) encoded += alphabet[(value >> (6 * at)) & 63]
  }
  return start + encoded
}
