import { bytesOfUnpaddedBase64 } from '../crypto/base64.ts'
import { legacyPbkdf2 } from './legacy-pbkdf2.ts'
import { type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import type { Pbkdf2Digest } from './pbkdf2.ts'
import { wholeNumber } from './phc.ts'

/** What follows `$pbkdf2`, and stands for which digest. */
const DIGESTS: ReadonlyMap<string, Pbkdf2Digest> = new Map([
  ['', 'SHA-1'],
  ['-sha256', 'SHA-256'],
  ['-sha512', 'SHA-512'],
])
/**
 * As passlib spells it, or as a PHC string, perhaps with a stamp (see `passwordStamp`). passlib's salts are 16 bytes, and at
 * most 1,024. A key may be as long: passport-local-mongoose takes 512 bytes.
 */
const PBKDF2 =
  /^\$pbkdf2(|-sha256|-sha512)\$(?:(\d{1,10})|i=(\d{1,10})(?:,stamp=[\w-]{22})?)\$([A-Za-z0-9./+]{2,1366})\$([A-Za-z0-9./+]{22,1366})$/

/**
 * The PBKDF2 hashes of passlib (passlib.hash.pbkdf2_sha1, pbkdf2_sha256 and pbkdf2_sha512):
 * `$pbkdf2$131000$salt$hash`, `$pbkdf2-sha256$29000$…`, `$pbkdf2-sha512$25000$…`, in its own base64 with `.` for `+`. And
 * the same as PHC strings, `$pbkdf2-sha512$i=25000$salt$hash`, in plain base64 without padding: for what another system
 * keeps in columns of its own. The key has 16 to 1,024 bytes, whatever the digest.
 *
 * Its `argon2` and `scrypt` write PHC strings, which `argon2id()`, `legacyArgon2()` and `scrypt()` verify.
 */
export function passlibPbkdf2(): LegacyVerifier {
  return legacyVerifier((hashed) => {
    const [, name = '', own, phc, salt = '', hash = ''] = PBKDF2.exec(hashed) ?? []
    const digest = hash === '' ? undefined : DIGESTS.get(name)
    if (!digest) return null
    const bytes = own === undefined ? bytesOfUnpaddedBase64 : bytesOfPasslib
    return legacyPbkdf2({
      digest,
      iterations: wholeNumber(own ?? phc),
      salt: bytes(salt),
      hash: bytes(hash),
    })
  })
}

/** passlib.utils.binary.ab64_decode, without its tolerance: it would also take `+`. */
function bytesOfPasslib(text: string): Uint8Array<ArrayBuffer> | null {
  return text.includes('+') ? null : bytesOfUnpaddedBase64(text.replaceAll('.', '+'))
}
