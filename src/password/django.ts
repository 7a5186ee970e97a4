import { bytesOfBase64 } from '../crypto/base64.ts'
import { hex } from '../crypto/hex.ts'
import { utf8 } from '../crypto/utf8.ts'
import type { Argon2Cost } from './argon2id.ts'
import { type BcryptLibrary, bcryptBy } from './bcrypt.ts'
import { anyArgon2 } from './legacy-argon2.ts'
import { legacyPbkdf2 } from './legacy-pbkdf2.ts'
import { legacyScrypt } from './legacy-scrypt.ts'
import {
  firstOf,
  type LegacyHash,
  type LegacyVerifier,
  legacyVerifier,
  translated,
  without,
} from './legacy-verifier.ts'
import { wholeNumber } from './phc.ts'
import type { Derive } from './phc-verifier.ts'

/** The options of `djangoPasswords`. */
export interface DjangoOptions {
  /** The implementation of argon2id, as for `argon2id()`. Django's takes 100 MiB: here a native one pays most. */
  readonly argon2?: Derive<Argon2Cost>
  /** `bcrypt`, `bcryptjs` or `@node-rs/bcrypt`, as for `bcryptBy`. Default: `bcrypt$…` and `bcrypt_sha256$…` are not verified. */
  readonly bcrypt?: BcryptLibrary
}

/** The salt is text, hashed as it stands: visible ASCII but for the dollar. The hash is base64 with its padding. */
const PBKDF2 = /^pbkdf2_(sha1|sha256)\$(\d{1,10})\$([!-#%-~]{1,128})\$([A-Za-z0-9+/]{27,43}=)$/
const SCRYPT = /^scrypt\$(\d{1,10})\$([!-#%-~]{1,128})\$(\d{1,10})\$(\d{1,10})\$([A-Za-z0-9+/]{86}==)$/

/**
 * The passwords of Django (django.contrib.auth.hashers, the column `auth_user.password`): `pbkdf2_sha256$N$salt$hash`,
 * `pbkdf2_sha1$…`, `argon2$` before a PHC string, `scrypt$N$salt$r$p$hash`. An unusable password (`!…`) is
 * never accepted. Its MD5 and SHA-1 are not verified.
 */
export function djangoPasswords({ argon2, bcrypt }: DjangoOptions = {}): LegacyVerifier {
  return firstOf([
    legacyVerifier(readPbkdf2),
    legacyVerifier(readScrypt),
    // Django writes its own name for the algorithm before the string, which begins with a dollar.
    translated(without('argon2'), anyArgon2(argon2)),
    ...(bcrypt
      ? [
          translated(without('bcrypt$'), bcryptBy(bcrypt)),
          translated(without('bcrypt_sha256$'), bcryptBy(bcrypt), sha256Hex),
        ]
      : []),
  ])
}

/** What its `bcrypt_sha256` hashes: 64 characters, so that bcrypt, which looks at 72 bytes, sees all of a long password. */
async function sha256Hex(plain: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(plain))))
}

function readPbkdf2(hashed: string): LegacyHash | null {
  const [, name, iterations, salt = '', hash = ''] = PBKDF2.exec(hashed) ?? []
  const digest = name === 'sha1' ? 'SHA-1' : 'SHA-256'
  return legacyPbkdf2({
    digest,
    iterations: wholeNumber(iterations),
    salt: utf8(salt),
    hash: bytesOfBase64(hash),
  })
}

function readScrypt(hashed: string): LegacyHash | null {
  const [, N, salt = '', r, p, hash = ''] = SCRYPT.exec(hashed) ?? []
  const cost = { N: wholeNumber(N), r: wholeNumber(r), p: wholeNumber(p) }
  return legacyScrypt({ cost, salt: utf8(salt), hash: bytesOfBase64(hash) })
}
