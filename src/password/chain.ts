import { misconfigured } from '../base/options.ts'
import { firstOf, type LegacyVerifier } from './legacy-verifier.ts'
import type { PasswordVerifier } from './password-verifier.ts'

const METHODS = ['verify', 'hash', 'needsRehash', 'canVerify'] as const

/**
 * Several kinds of hashes in one table: `passwordChain(argon2id(), djangoPasswords())`. New ones are made by
 * `preferred`. A stored one is verified by the first that can, and unless that is `preferred`, a new one takes its
 * place at the login (see `upgradeHash` of the user provider). One that nobody can verify lets nobody in, and costs
 * what an unknown user costs.
 *
 * A wrong password costs what the stored hash costs: until that is upgraded, time tells old ones from new ones.
 */
export function passwordChain(
  preferred: Required<PasswordVerifier>,
  ...others: LegacyVerifier[]
): Required<PasswordVerifier> {
  const lacking: string[] = METHODS.filter((name) => typeof preferred[name] !== 'function')
  // Not read: a dummy may be drawn at random, which Workers forbid at start-up.
  if (!('dummyHash' in preferred)) lacking.push('dummyHash')
  if (lacking.length > 0) {
    misconfigured(
      `The first of \`passwordChain\` makes the new hashes, and lacks ${lacking.join(', ')}. Put \`argon2id()\`, \`scrypt()\` or \`pbkdf2()\` first, and behind it what only verifies.`,
    )
  }
  if (!others.every(({ canVerify }) => typeof canVerify === 'function')) {
    misconfigured(
      'Each of `passwordChain` needs `canVerify(hashed)`, which says whether a hash is of its kind. Give your own verifier one.',
    )
  }
  return {
    ...firstOf([preferred, ...others]),
    hash: (plain, options) => preferred.hash(plain, options),
    needsRehash: (hashed) => !preferred.canVerify(hashed) || preferred.needsRehash(hashed),
    get dummyHash() {
      return preferred.dummyHash
    },
  }
}
