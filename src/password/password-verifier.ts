import type { MaybePromise } from '../base/maybe-promise.ts'

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
