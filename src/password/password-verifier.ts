import type { MaybePromise } from '../base/maybe-promise.ts'
import { utf8 } from '../crypto/utf8.ts'

/**
 * Verifies passwords. `latchkey/password` has scrypt, argon2id and PBKDF2; your own needs `verify`, and
 * `hash` or `dummyHash`. The text is exactly what was received: never trimmed, never cut, at most 4,096 bytes
 * of UTF-8.
 */
export interface PasswordVerifier {
  /**
   * Whether `plain` is the password that `hashed` was made from. Compares in constant time. Returns `false`
   * for a hash that it cannot read, and does not throw.
   */
  verify(plain: string, hashed: string): MaybePromise<boolean>
  /**
   * Returns a new hash. With `stamp`, one that carries it (see `passwordStamp`), so that a rehash ends no
   * session.
   */
  hash?(plain: string, options?: { readonly stamp?: string }): MaybePromise<string>
  /** Whether a hash made today would be stronger. Called after a successful `verify`. Default: never. */
  needsRehash?(hashed: string): boolean
  /**
   * Whether `verify` would do its full work on this stored hash. If not, `dummyHash` is verified instead.
   * Default: always.
   */
  canVerify?(hashed: string): boolean
  /**
   * A well-formed hash of no password. It is verified if there is no user, so that the response takes as
   * long. Default: `hash` makes one.
   */
  readonly dummyHash?: string
}

/** A longer password is refused before any work. Long enough for every passphrase, short enough to hash. */
export const MAX_PASSWORD_BYTES = 4096

/**
 * Whether a value can be a password: text of at most 4,096 bytes of UTF-8, without NUL and lone surrogates.
 *
 * HMAC pads its key with zeros, so `p` and `p\0` would be the same password. UTF-8 would turn all lone
 * surrogates into one character.
 */
export function isPasswordText(text: unknown): text is string {
  return isCleanText(text, MAX_PASSWORD_BYTES) && utf8(text).length <= MAX_PASSWORD_BYTES
}

/** Whether a value is text without NUL, which databases refuse, and without lone surrogates. */
export function isCleanText(text: unknown, maxLength: number): text is string {
  return typeof text === 'string' && text.length <= maxLength && !text.includes('\0') && text.isWellFormed()
}
