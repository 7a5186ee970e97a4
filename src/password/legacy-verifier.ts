import { equalInConstantTime } from '../crypto/equal.ts'
import { utf8 } from '../crypto/utf8.ts'
import { isPasswordText } from './credential-text.ts'
import type { PasswordVerifier } from './password-verifier.ts'

/** Proves passwords by hashes that another system made, and makes none: for `passwordChain`. */
export type LegacyVerifier = Required<Pick<PasswordVerifier, 'verify' | 'canVerify'>>

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
 */
export function legacyVerifier(read: (hashed: string) => LegacyHash | null): LegacyVerifier {
  return {
    canVerify: (hashed) => read(hashed) !== null,
    async verify(plain, hashed) {
      const known = isPasswordText(plain) ? read(hashed) : null
      if (!known) return false
      return equalInConstantTime(await known.derive(utf8(plain)), known.hash)
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
  }
}
