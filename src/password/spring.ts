import { bytesOfBase64 } from '../crypto/base64.ts'
import { bytesOfHex } from '../crypto/hex.ts'
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
import type { Pbkdf2Digest } from './pbkdf2.ts'
import type { Derive } from './phc-verifier.ts'

/** The options of {@link springPasswords}. */
export interface SpringOptions {
  /** The implementation of argon2id, as for `argon2id()`. */
  readonly argon2?: Derive<Argon2Cost>
  /** `bcrypt`, `bcryptjs` or `@node-rs/bcrypt`, as for `bcryptBy`. Default: `{bcrypt}…` is not verified. */
  readonly bcrypt?: BcryptLibrary
  /** The `secret` that `Pbkdf2PasswordEncoder` was made with. Default none, as Spring has it. */
  readonly pbkdf2Secret?: string
}

/** What a hash of PBKDF2 does not say. */
interface Pbkdf2Defaults {
  readonly digest: Pbkdf2Digest
  readonly iterations: number
  readonly saltBytes: number
}

const VERSION_4_1: Pbkdf2Defaults = { digest: 'SHA-1', iterations: 185_000, saltBytes: 8 }
const VERSION_5_8: Pbkdf2Defaults = { digest: 'SHA-256', iterations: 310_000, saltBytes: 16 }
const SCRYPT = /^\$([1-9a-f][0-9a-f]{4,5})\$([A-Za-z0-9+/=]{4,172})\$([A-Za-z0-9+/=]{24,88})$/

/**
 * The passwords of Spring Security (`DelegatingPasswordEncoder`): `{bcrypt}…`, `{pbkdf2}…`, `{scrypt}…`, `{argon2}…`, and
 * those with `@SpringSecurity_v5_8` in the braces, with the defaults of its encoders. `{noop}`, which is the password
 * itself, and `{MD4}`, `{MD5}`, `{SHA-1}`, `{SHA-256}`, `{sha256}` and `{ldap}` are not verified.
 */
export function springPasswords({ argon2, bcrypt, pbkdf2Secret = '' }: SpringOptions = {}): LegacyVerifier {
  const byScrypt = legacyVerifier(readScrypt)
  const byArgon2 = anyArgon2(argon2)
  const byPbkdf2 = (defaults: Pbkdf2Defaults): LegacyVerifier =>
    legacyVerifier((hashed) => readPbkdf2(hashed, defaults, utf8(pbkdf2Secret)))
  const encoders: readonly (readonly [id: string, verifier: LegacyVerifier])[] = [
    ...(bcrypt ? [['bcrypt', bcryptBy(bcrypt)] as const] : []),
    ['pbkdf2', byPbkdf2(VERSION_4_1)],
    ['pbkdf2@SpringSecurity_v5_8', byPbkdf2(VERSION_5_8)],
    ['scrypt', byScrypt],
    ['scrypt@SpringSecurity_v5_8', byScrypt],
    ['argon2', byArgon2],
    ['argon2@SpringSecurity_v5_8', byArgon2],
  ]
  return firstOf(encoders.map(([id, verifier]) => translated(without(`{${id}}`), verifier)))
}

/** Salt and hash in hexadecimal. The secret is salt as well. */
function readPbkdf2(
  hashed: string,
  { digest, iterations, saltBytes }: Pbkdf2Defaults,
  secret: Uint8Array,
): LegacyHash | null {
  const bytes = hashed.length <= 2 * (saltBytes + 64) ? bytesOfHex(hashed) : null
  if (!bytes) return null
  const salt = Uint8Array.from([...bytes.slice(0, saltBytes), ...secret])
  return legacyPbkdf2({ digest, iterations, salt, hash: bytes.slice(saltBytes) })
}

/** The cost is one number in hexadecimal: two digits each for r and p, and before them the logarithm of N. */
function readScrypt(hashed: string): LegacyHash | null {
  const [, text = '', salt = '', hash = ''] = SCRYPT.exec(hashed) ?? []
  const number = Number.parseInt(text, 16)
  const cost = { N: 2 ** (number >> 16), r: (number >> 8) & 0xff, p: number & 0xff }
  return legacyScrypt({ cost, salt: bytesOfBase64(salt), hash: bytesOfBase64(hash) })
}
