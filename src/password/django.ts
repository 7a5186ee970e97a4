import { bytesOfBase64 } from '../crypto/base64.ts'
import { utf8 } from '../crypto/utf8.ts'
import { type Argon2Cost, argon2Derive, argon2id } from './argon2id.ts'
import { legacyArgon2 } from './legacy-argon2.ts'
import { legacyPbkdf2 } from './legacy-pbkdf2.ts'
import { firstOf, type LegacyHash, type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import { wholeNumber } from './phc.ts'
import type { Derive } from './phc-verifier.ts'
import { isSaneScryptCost, scryptDerive } from './scrypt.ts'

/** The options of `djangoPasswords`. */
export interface DjangoOptions {
  /** The implementation of argon2id, as for `argon2id()`. Django's takes 100 MiB: here a native one pays most. */
  readonly argon2?: Derive<Argon2Cost>
}

/** The salt is text, hashed as it stands: visible ASCII but for the dollar. The hash is base64 with its padding. */
const PBKDF2 = /^pbkdf2_(sha1|sha256)\$(\d{1,10})\$([!-#%-~]{1,128})\$([A-Za-z0-9+/]{27,43}=)$/
const SCRYPT = /^scrypt\$(\d{1,10})\$([!-#%-~]{1,128})\$(\d{1,10})\$(\d{1,10})\$([A-Za-z0-9+/]{86}==)$/

/**
 * The passwords of Django (django.contrib.auth.hashers, the column `auth_user.password`): `pbkdf2_sha256$N$salt$hash`,
 * `pbkdf2_sha1$…`, `argon2$` before a PHC string, `scrypt$N$salt$r$p$hash`. An unusable password (`!…`) is
 * never accepted. Its bcrypt, MD5 and SHA-1 are not verified.
 */
export function djangoPasswords({ argon2 = argon2Derive() }: DjangoOptions = {}): LegacyVerifier {
  const byPhc = firstOf([argon2id({ derive: argon2 }), legacyArgon2()])
  return firstOf([
    legacyVerifier(readPbkdf2),
    legacyVerifier(readScrypt),
    {
      canVerify: (hashed) => byPhc.canVerify(phcOf(hashed)),
      verify: (plain, hashed) => byPhc.verify(plain, phcOf(hashed)),
    },
  ])
}

function readPbkdf2(hashed: string): LegacyHash | null {
  const [, name, iterations, salt = '', hash = ''] = PBKDF2.exec(hashed) ?? []
  const digest = name === 'sha1' ? 'SHA-1' : 'SHA-256'
  return legacyPbkdf2({ digest, iterations, salt: utf8(salt), hash: bytesOfBase64(hash) })
}

function readScrypt(hashed: string): LegacyHash | null {
  const [, N, salt = '', r, p, text = ''] = SCRYPT.exec(hashed) ?? []
  const cost = { N: wholeNumber(N), r: wholeNumber(r), p: wholeNumber(p) }
  const hash = bytesOfBase64(text)
  if (!isSaneScryptCost(cost) || !hash) return null
  return { hash, derive: (password) => scryptDerive()(password, utf8(salt), cost, hash.length) }
}

/** Django writes its own name for the algorithm before the string, which begins with a dollar. */
function phcOf(hashed: string): string {
  return hashed.startsWith('argon2$') ? hashed.slice('argon2'.length) : ''
}
