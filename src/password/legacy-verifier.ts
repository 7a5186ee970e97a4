import type { MaybePromise } from '../base/maybe-promise.ts'
import { equalInConstantTime } from '../crypto/equal.ts'
import { utf8 } from '../crypto/utf8.ts'
import { isPasswordText } from './credential-text.ts'
import type { PasswordVerifier } from './password-verifier.ts'
import { secondLook } from './second-look.ts'

/** Proves passwords by hashes that another system made, and makes none: for `passwordChain`. */
export type LegacyVerifier = Required<Pick<PasswordVerifier, 'verify' | 'canVerify'>> &
  Pick<PasswordVerifier, 'verifyAsTyped'>

/** A hash of another system, taken apart. */
export interface LegacyHash {
  /** What the right password comes to. */
  readonly hash: Uint8Array
  derive(password: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}

/**
 * Verifies what `read` can take apart.
 *
 * @param read `null` for what is malformed, or so costly that it could stop the server. Does no work.
 * @param fold What that system does to a password before it hashes it. Default nothing.
 */
export function legacyVerifier(
  read: (hashed: string) => LegacyHash | null,
  fold: (plain: string) => string = (plain) => plain,
): LegacyVerifier {
  return {
    canVerify: (hashed) => read(hashed) !== null,
    async verify(plain, hashed) {
      const known = isPasswordText(plain) ? read(hashed) : null
      // Some systems hash the empty text for users who have no password, and let nobody in by it.
      const text = known ? fold(plain) : ''
      if (!known || text === '') return false
      return equalInConstantTime(await known.derive(utf8(text)), known.hash)
    },
  }
}

/** Hands each hash to the first that can verify it. */
export function firstOf(verifiers: readonly LegacyVerifier[]): LegacyVerifier {
  const verifierOf = (hashed: string): LegacyVerifier | undefined =>
    verifiers.find((verifier) => verifier.canVerify(hashed))
  return {
    canVerify: (hashed) => verifierOf(hashed) !== undefined,
    verify: (plain, hashed) => verifierOf(hashed)?.verify(plain, hashed) ?? false,
    verifyAsTyped(plain, hashed) {
      const verifier = verifierOf(hashed)
      return verifier ? secondLook(verifier, plain, hashed) : false
    },
  }
}

/**
 * Verifies what `inner` reads once it is translated.
 *
 * @param translate Returns the hash as `inner` spells it, `''` for none.
 * @param inputOf What that system hashes in place of the password. Default the password.
 */
export function translated(
  translate: (hashed: string) => string,
  inner: LegacyVerifier,
  inputOf: (plain: string) => MaybePromise<string> = (plain) => plain,
): LegacyVerifier {
  return {
    canVerify: (hashed) => inner.canVerify(translate(hashed)),
    async verify(plain, hashed) {
      return isPasswordText(plain) && inner.verify(await inputOf(plain), translate(hashed))
    },
  }
}

/** Takes a prefix away from a hash, for {@link translated}. */
export function without(prefix: string): (hashed: string) => string {
  return (hashed) => (hashed.startsWith(prefix) ? hashed.slice(prefix.length) : '')
}
