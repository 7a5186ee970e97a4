import type { MaybePromise } from '../base/maybe-promise.ts'

/**
 * Verifies passwords. `latchkey/password` has scrypt, argon2id and PBKDF2; your own needs `verify`, and
 * `hash` or `dummyHash`. The text is never trimmed and never cut, and has 1 to 4,096 bytes of UTF-8.
 */
export interface PasswordVerifier {
  /**
   * Whether `plain` is the password that `hashed` was made from. Compares in constant time. Returns `false`
   * for a hash that it cannot read, and does not throw. A login hands it the text as it was typed.
   */
  verify(plain: string, hashed: string): MaybePromise<boolean>
  /**
   * Called with a text that is not in Unicode's form NFC, after `verify` said no. A verifier whose `verify` folds to
   * NFC compares the text as it was typed here; after a match the password is hashed anew. Default: `verify`, with the
   * text in NFC.
   */
  verifyAsTyped?(plain: string, hashed: string): MaybePromise<boolean>
  /**
   * Returns a new hash. A login and `auth.hashPassword` hand it the text in NFC. With `stamp`, one that carries it
   * (see `passwordStamp`), so that a rehash ends no session.
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
