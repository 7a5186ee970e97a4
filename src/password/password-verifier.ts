import type { MaybePromise } from '../base/maybe-promise.ts'
import { utf8 } from '../crypto/utf8.ts'

/**
 * Proves passwords. `latchkey/password` has scrypt, argon2id and PBKDF2; two methods of your own do as well.
 * The text is exactly what was received: never trimmed, never cut, at most 4,096 bytes of UTF-8.
 */
export interface PasswordVerifier {
  /**
   * Whether `plain` is the password that `hashed` was made from. `false`, not an exception, for a hash that it cannot
   * read. It compares in constant time.
   */
  verify(plain: string, hashed: string): MaybePromise<boolean>
  /** A new hash. With `stamp`, one that carries it (see `passwordStamp`), so that renewing a hash ends no session. */
  hash?(plain: string, options?: { readonly stamp?: string }): MaybePromise<string>
  /** Whether a hash of today would be stronger. Asked after a successful `verify`. */
  needsRehash?(hashed: string): boolean
  /** Whether `verify` would do its full work on this stored hash. For one that it would not, the dummy stands in. */
  canVerify?(hashed: string): boolean
  /**
   * A well-formed hash of no password, verified when there is no user, so that the answer takes as long. Left out:
   * one is made by `hash`.
   */
  readonly dummyHash?: string
}

/** A longer password is refused before any work. Long enough for every passphrase, short enough to hash. */
export const MAX_PASSWORD_BYTES = 4096

/**
 * Whether a text may be a password. NUL may not: HMAC pads its key with zeros, so `p` and `p\0` would be one. A lone
 * surrogate may not: UTF-8 would turn all of them into one character.
 */
export function isPasswordText(text: unknown): text is string {
  return isCleanText(text, MAX_PASSWORD_BYTES) && utf8(text).length <= MAX_PASSWORD_BYTES
}

/** Text without NUL, which databases refuse, and without lone surrogates. */
export function isCleanText(text: unknown, maxLength: number): text is string {
  return typeof text === 'string' && text.length <= maxLength && !text.includes('\0') && text.isWellFormed()
}
