import { LatchkeyError } from '../base/errors.ts'
import { hashableText } from '../password/credential-text.ts'
import { inLine } from '../password/line.ts'
import type { PasswordVerifier } from '../password/password-verifier.ts'
import { networkOfContext } from './attempt.ts'

/**
 * Hashes a password in the line of password work, in turn with other networks. In Unicode's form NFC, so that it does not
 * matter on which keyboard it was chosen.
 *
 * @throws LatchkeyError `password_refused` for a text that cannot be a password, `password_queue_full` if there is no place
 * in line, `misuse` if the verifier makes no hashes.
 */
export async function hashPassword(
  passwords: PasswordVerifier,
  context: { readonly address?: string | undefined },
  plain: string,
  options?: { readonly stamp?: string },
): Promise<string> {
  const text = hashableText(plain)
  return inLine(networkOfContext(context), () => {
    if (passwords.hash) return passwords.hash(text, options)
    throw new LatchkeyError(
      'misuse',
      '`passwords` has no `hash`. Put a verifier that makes hashes first, such as argon2id().',
    )
  })
}
