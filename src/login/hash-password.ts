import { LatchkeyError } from '../base/errors.ts'
import { inLine } from '../password/line.ts'
import type { PasswordVerifier } from '../password/password-verifier.ts'
import { networkOfContext } from './attempt.ts'

/**
 * Hashes a password in the line of password work, in turn with other networks.
 *
 * @throws LatchkeyError `misuse` if the verifier makes no hashes, `password_queue_full` if there is no place in line; and
 * what its `hash` throws for a text that can be no password.
 */
export function hashPassword(
  passwords: PasswordVerifier,
  context: { readonly address?: string | undefined },
  plain: string,
  options?: { readonly stamp?: string },
): Promise<string> {
  return inLine(networkOfContext(context), () => {
    if (passwords.hash) return passwords.hash(plain, options)
    throw new LatchkeyError(
      'misuse',
      '`passwords` has no `hash`. Put a verifier that makes hashes first, such as argon2id().',
    )
  })
}
