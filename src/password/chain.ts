import { misconfigured } from '../base/options.ts'
import { firstOf, type LegacyVerifier } from './legacy-verifier.ts'
import type { PasswordVerifier } from './password-verifier.ts'

const METHODS = ['verify', 'hash', 'needsRehash', 'canVerify'] as const

/** A verifier that makes hashes, and tells its own from others: `argon2id()`, `scrypt()`, `pbkdf2()`, or your own. */
export type PreferredVerifier = PasswordVerifier & Required<Omit<PasswordVerifier, 'verifyAsTyped'>>

/**
 * Verifies several kinds of hashes in one table: `passwordChain(argon2id(), djangoPasswords())`. New hashes
 * are made by `preferred`. A stored hash is verified by the first verifier that can; unless that is
 * `preferred`, it is replaced at the login (see `upgradeHash` of the user provider). A hash that no verifier
 * can read accepts no password, and costs what an unknown user costs.
 *
 * A wrong password costs what the stored hash costs: until that is upgraded, response times tell old hashes
 * from new ones.
 *
 * @throws LatchkeyError `invalid_configuration` if a verifier lacks a method.
 */
export function passwordChain(preferred: PreferredVerifier, ...others: LegacyVerifier[]): PreferredVerifier {
  const lacking: string[] = METHODS.filter((name) => typeof preferred[name] !== 'function')
  // Not read: that may draw random bytes, which Workers forbid at start-up.
  if (!('dummyHash' in preferred)) lacking.push('dummyHash')
  if (lacking.length > 0) {
    misconfigured(
      `The first verifier of \`passwordChain\` makes the new hashes, but lacks ${lacking.join(', ')}. Put \`argon2id()\`, \`scrypt()\` or \`pbkdf2()\` first, and those that only verify after it.`,
    )
  }
  if (!others.every(({ canVerify }) => typeof canVerify === 'function')) {
    misconfigured(
      'Every verifier of `passwordChain` needs `canVerify(hashed)`, which says whether it can read a hash. Give your own verifier one.',
    )
  }
  const { verifyAsTyped, ...first } = firstOf([preferred, ...others])
  return {
    ...first,
    // Only where `preferred` folds: a match at the second look asks for a new hash, which would be no better otherwise.
    ...(preferred.verifyAsTyped && { verifyAsTyped }),
    hash: (plain, options) => preferred.hash(plain, options),
    needsRehash: (hashed) => !preferred.canVerify(hashed) || preferred.needsRehash(hashed),
    get dummyHash() {
      return preferred.dummyHash
    },
  }
}
