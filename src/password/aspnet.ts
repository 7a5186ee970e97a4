import { bytesOfBase64 } from '../crypto/base64.ts'
import { legacyPbkdf2 } from './legacy-pbkdf2.ts'
import { type LegacyHash, type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import type { Pbkdf2Digest } from './pbkdf2.ts'

/** By the number that a hash has for them (KeyDerivationPrf). */
const DIGESTS: readonly Pbkdf2Digest[] = ['SHA-1', 'SHA-256', 'SHA-512']
const MAX_LENGTH = 512

/**
 * The passwords of ASP.NET Core Identity (`PasswordHasher`, the column `AspNetUsers.PasswordHash`), base64 of PBKDF2:
 * version 3 (`AQAAAA…`) of any digest, cost and length, and version 2 (`AA…`, SHA-1, 1,000 iterations).
 */
export function aspnetPasswords(): LegacyVerifier {
  return legacyVerifier((hashed) => {
    const bytes = hashed.length <= MAX_LENGTH ? bytesOfBase64(hashed) : null
    if (bytes?.[0] === 0 && bytes.length === 49) {
      return legacyPbkdf2({
        digest: 'SHA-1',
        iterations: 1000,
        salt: bytes.slice(1, 17),
        hash: bytes.slice(17),
      })
    }
    return bytes?.[0] === 1 && bytes.length > 13 ? readVersion3(bytes) : null
  })
}

/** A byte for the version; digest, iterations and length of the salt in four bytes each; salt; hash. */
function readVersion3(bytes: Uint8Array<ArrayBuffer>): LegacyHash | null {
  const view = new DataView(bytes.buffer)
  const digest = DIGESTS[view.getUint32(1)]
  const end = 13 + view.getUint32(9)
  if (!digest || end === 13) return null
  return legacyPbkdf2({
    digest,
    iterations: view.getUint32(5),
    salt: bytes.slice(13, end),
    hash: bytes.slice(end),
  })
}
