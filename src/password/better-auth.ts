import { misconfigured } from '../base/options.ts'
import { bytesOfHex } from '../crypto/hex.ts'
import { utf8 } from '../crypto/utf8.ts'
import { legacyScrypt } from './legacy-scrypt.ts'
import { type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import { isSaneScryptCost, type ScryptCost } from './scrypt.ts'

/** The salt is hashed as the text that it is, 32 digits, and not as 16 bytes. */
const HASH = /^(s2:)?([0-9a-f]{32}):([0-9a-f]{128})$/
const USUAL: ScryptCost = { N: 2 ** 14, r: 16, p: 1 }

/**
 * The scrypt hashes of better-auth, Lucia and oslo: `salt:key` in hexadecimal, and `s2:salt:key` of Lucia 2. Like those
 * libraries it looks at the NFKC form of a password.
 *
 * @param cost What the hashes do not say. Default `N: 16384`, `r: 16`, `p: 1`, as all three have it. Lucia 1 took `r: 8`;
 * oslo's `Scrypt` takes any. A hash that begins with `s2:` has the default.
 * @throws LatchkeyError `invalid_configuration` for a cost that is none, or could stop the server.
 */
export function betterAuthPasswords(cost: Partial<ScryptCost> = {}): LegacyVerifier {
  const own = { ...USUAL, ...cost }
  if (!isSaneScryptCost(own))
    misconfigured('`betterAuthPasswords` takes a cost of scrypt: `N`, a power of two, `r` and `p`.')
  return legacyVerifier(
    (hashed) => {
      const [, version, salt = '', hash = ''] = HASH.exec(hashed) ?? []
      return legacyScrypt({ cost: version ? USUAL : own, salt: utf8(salt), hash: bytesOfHex(hash) })
    },
    (plain) => plain.normalize('NFKC'),
  )
}
