import { utf8 } from '../crypto/utf8.ts'

/** A longer password is refused before any work. Long enough for every passphrase, short enough to hash. */
const MAX_PASSWORD_BYTES = 4096
/** Longer than any e-mail address (RFC 5321, 4.5.3.1: 64 + 1 + 255). What is kept per attempt stays small. */
const MAX_USERNAME_LENGTH = 320

/**
 * Whether a value can be a password: text of at most 4,096 bytes of UTF-8, without NUL and lone surrogates.
 *
 * HMAC pads its key with zeros, so `p` and `p\0` would be the same password. UTF-8 would turn all lone
 * surrogates into one character.
 */
export function isPasswordText(text: unknown): text is string {
  return isCleanText(text, MAX_PASSWORD_BYTES) && utf8(text).length <= MAX_PASSWORD_BYTES
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
