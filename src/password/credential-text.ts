import { LatchkeyError } from '../base/errors.ts'
import { utf8 } from '../crypto/utf8.ts'

/** A longer password is refused before any work. Long enough for every passphrase, short enough to hash. */
const MAX_PASSWORD_BYTES = 4096
/** Longer than any e-mail address (RFC 5321, 4.5.3.1: 64 + 1 + 255). What is kept per attempt stays small. */
const MAX_USERNAME_LENGTH = 320

/**
 * Whether a value can be a password: text of 1 to 4,096 bytes of UTF-8, as it is and in Unicode's form NFC, without NUL
 * and lone surrogates.
 *
 * HMAC pads its key with zeros, so `p` and `p\0` would be the same password. UTF-8 would turn all lone
 * surrogates into one character. NFC can make a text longer: three times at most.
 */
export function isPasswordText(text: unknown): text is string {
  if (!isCleanText(text, MAX_PASSWORD_BYTES) || text === '') return false
  return [text, text.normalize('NFC')].every((form) => utf8(form).length <= MAX_PASSWORD_BYTES)
}

/**
 * The text that a password is hashed in: one spelling for what looks the same (Unicode's form NFC; RFC 8265, 4.2.2).
 *
 * @throws LatchkeyError `password_refused` for what cannot be a password.
 */
export function hashableText(plain: unknown): string {
  if (isPasswordText(plain)) return plain.normalize('NFC')
  throw new LatchkeyError(
    'password_refused',
    'A password must be text of 1 to 4,096 bytes, without NUL and lone surrogates. Ask `passwordPolicy` or `isPasswordText` before you hash it.',
  )
}

/** Whether a value can be a username: clean text of at most 320 characters. */
export function isUsernameText(text: unknown): text is string {
  return isCleanText(text, MAX_USERNAME_LENGTH)
}

/** One spelling for each account: NFKC, trimmed, lower case. */
export function foldUsername(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase()
}

/** Whether a value is text without NUL, which databases refuse, and without lone surrogates. */
function isCleanText(text: unknown, maxLength: number): text is string {
  return typeof text === 'string' && text.length <= maxLength && !text.includes('\0') && text.isWellFormed()
}
