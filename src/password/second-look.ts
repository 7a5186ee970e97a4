import type { MaybePromise } from '../base/maybe-promise.ts'
import type { PasswordVerifier } from './password-verifier.ts'

/** At which look a text matched, if at any. */
export type Match = 'none' | 'first' | 'second'

/**
 * Looks at a password in both forms that it may have been hashed in: as it was typed, and in Unicode's NFC (RFC 8265,
 * 4.2.2; a keyboard of macOS may give `é` as two characters). A text that is NFC, such as ASCII, is looked at once.
 */
export async function match(
  verifier: Pick<PasswordVerifier, 'verify' | 'verifyAsTyped'>,
  plain: string,
  hashed: string,
): Promise<Match> {
  if ((await verifier.verify(plain, hashed)) === true) return 'first'
  if (plain === plain.normalize('NFC')) return 'none'
  return (await secondLook(verifier, plain, hashed)) === true ? 'second' : 'none'
}

/** The other form, for a text that is not NFC. */
export function secondLook(
  verifier: Pick<PasswordVerifier, 'verify' | 'verifyAsTyped'>,
  plain: string,
  hashed: string,
): MaybePromise<boolean> {
  return verifier.verifyAsTyped
    ? verifier.verifyAsTyped(plain, hashed)
    : verifier.verify(plain.normalize('NFC'), hashed)
}
