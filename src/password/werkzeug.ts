import { bytesOfHex } from '../crypto/hex.ts'
import { utf8 } from '../crypto/utf8.ts'
import { legacyPbkdf2 } from './legacy-pbkdf2.ts'
import { legacyScrypt } from './legacy-scrypt.ts'
import { firstOf, type LegacyHash, type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import { wholeNumber } from './phc.ts'

/** The salt is text, hashed as it stands. The hash is hexadecimal. */
const SCRYPT = /^scrypt:(\d{1,10}):(\d{1,10}):(\d{1,10})\$([!-#%-~]{1,128})\$([0-9a-f]{128})$/
const PBKDF2 = /^pbkdf2:(sha1|sha256|sha512):(\d{1,10})\$([!-#%-~]{1,128})\$([0-9a-f]{40,128})$/
const DIGESTS = { sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' } as const

/**
 * The passwords of Flask (werkzeug.security, `generate_password_hash`): `scrypt:32768:8:1$salt$hash` and
 * `pbkdf2:sha256:600000$salt$hash`, also of SHA-1 and SHA-512.
 */
export function werkzeugPasswords(): LegacyVerifier {
  return firstOf([legacyVerifier(readScrypt), legacyVerifier(readPbkdf2)])
}

function readScrypt(hashed: string): LegacyHash | null {
  const [, N, r, p, salt = '', hash = ''] = SCRYPT.exec(hashed) ?? []
  const cost = { N: wholeNumber(N), r: wholeNumber(r), p: wholeNumber(p) }
  return legacyScrypt({ cost, salt: utf8(salt), hash: bytesOfHex(hash) })
}

function readPbkdf2(hashed: string): LegacyHash | null {
  const [, name = 'sha256', iterations, salt = '', hash = ''] = PBKDF2.exec(hashed) ?? []
  return legacyPbkdf2({
    digest: DIGESTS[name as keyof typeof DIGESTS],
    iterations: wholeNumber(iterations),
    salt: utf8(salt),
    hash: bytesOfHex(hash),
  })
}
