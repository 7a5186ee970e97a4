import { misconfigured } from '../base/options.ts'
import { isPasswordText } from './credential-text.ts'
import type { LegacyVerifier } from './legacy-verifier.ts'

/** The subset of `bcrypt`, `bcryptjs` or `@node-rs/bcrypt` that we call. */
export interface BcryptLibrary {
  /** Whether `plain` is the password that `hashed` was made from. */
  compare(plain: string, hashed: string): Promise<boolean>
}

/** Options of {@link bcryptBy}. */
export interface BcryptOptions {
  /** A text that was appended to each password before it was hashed, as Devise does (`config.pepper`). Default none. */
  readonly pepper?: string
}

/**
 * `$2b$`, cost, 22 characters of salt, 31 of hash. The last character of both holds only the bits that are
 * left, so that each hash has one spelling. Cost 16 takes 2^16 rounds, 4 s: no stored hash can make us take
 * more.
 */
const BCRYPT = /^\$2[aby](\$(?:0[4-9]|1[0-6])\$[A-Za-z0-9./]{21}[.Oeu][A-Za-z0-9./]{30}[.CGKOSWaeimquy26])$/

/**
 * Verifies bcrypt hashes (Provos and Mazières 1999, crypt_blowfish's `$2a$`, `$2b$`, `$2y$`), which Rails,
 * PHP, Laravel, Spring and most older Node apps store. It makes none: use it in `passwordChain`.
 *
 * **bcrypt looks at the first 72 bytes only**, and so does this: every password that begins with the right 72
 * bytes is accepted. The hash that replaces it at the login looks at every byte of what was typed then.
 *
 * @throws LatchkeyError `invalid_configuration` for a library without `compare`.
 */
export function bcryptBy(library: BcryptLibrary, { pepper = '' }: BcryptOptions = {}): LegacyVerifier {
  if (typeof library?.compare !== 'function') {
    misconfigured(
      '`bcryptBy` takes a library with `compare`: `bcrypt`, `bcryptjs` or `@node-rs/bcrypt`. After `import()`, pass its `default`.',
    )
  }
  return {
    canVerify: (hashed) => BCRYPT.test(hashed),
    async verify(plain, hashed) {
      const rest = isPasswordText(plain) ? BCRYPT.exec(hashed)?.[1] : undefined
      if (rest === undefined) return false
      // PHP's `$2y$` is OpenBSD's `$2b$` under another name, which not every library knows.
      const known = hashed.startsWith('$2a') ? hashed : `$2b${rest}`
      return (await library.compare(plain + pepper, known)) === true
    },
  }
}
