import { misconfigured } from '../base/options.ts'
import type { LegacyVerifier } from './legacy-verifier.ts'
import { isPasswordText } from './password-verifier.ts'
import { queued } from './queue.ts'

/** What is used of `bcrypt`, `bcryptjs` or `@node-rs/bcrypt`. */
export interface BcryptLibrary {
  compare(plain: string, hashed: string): Promise<boolean>
}

/**
 * `$2b$`, cost, 22 characters of salt, 31 of hash, each ending in what bits are left: one spelling per hash. Cost 16
 * takes 2^16 rounds, 4 s: no stored hash makes us take more.
 */
const BCRYPT = /^\$2[aby](\$(?:0[4-9]|1[0-6])\$[A-Za-z0-9./]{21}[.Oeu][A-Za-z0-9./]{30}[.CGKOSWaeimquy26])$/

/**
 * Hashes of bcrypt (Provos and Mazières 1999, crypt_blowfish's `$2a$`, `$2b$`, `$2y$`), which Rails, PHP, Laravel,
 * Spring and most of Node's older apps store.
 *
 * **bcrypt looks at the first 72 bytes alone**, and so does this: of a longer password, all that begin alike are right.
 * The hash that takes its place at the login looks at every byte, of whatever was typed then.
 */
export function bcryptBy(library: BcryptLibrary): LegacyVerifier {
  if (typeof library?.compare !== 'function') {
    misconfigured(
      '`bcryptBy` takes a library with `compare`: `bcrypt`, `bcryptjs` or `@node-rs/bcrypt`. From `import()`, perhaps its `default`.',
    )
  }
  return {
    canVerify: (hashed) => BCRYPT.test(hashed),
    async verify(plain, hashed) {
      const rest = isPasswordText(plain) ? BCRYPT.exec(hashed)?.[1] : undefined
      if (rest === undefined) return false
      // PHP's `$2y$` is OpenBSD's `$2b$` under another name, which not every library knows.
      const known = hashed.startsWith('$2a') ? hashed : `$2b${rest}`
      return (await queued(async () => library.compare(plain, known))) === true
    },
  }
}
