import type { MaybePromise } from '../base/maybe-promise.ts'
import { checkCount, misconfigured, refuseUnknown } from '../base/options.ts'
import { isPasswordText, isUsernameText } from './credential-text.ts'

/** The options of {@link passwordPolicy}. Lengths are in characters (code points of Unicode's form NFC). */
export interface PasswordPolicyOptions {
  /**
   * The least length. Default 15, for a password that is the only factor. From 8 on, where a second factor is always
   * asked too (NIST SP 800-63B-4, 3.1.1.2).
   */
  readonly minLength?: number
  /** The greatest length, at least 64. Default: as much as can be hashed, 4,096 bytes. */
  readonly maxLength?: number
  /** Names that no user's password may be: of the site, its domain, the company. Default none. */
  readonly names?: readonly string[]
  /**
   * Whether a password is known from a breach, or too common. Called last, with the text in NFC. Its error reaches the
   * caller of the policy. Default: not asked.
   */
  readonly isBreached?: (password: string) => MaybePromise<boolean>
}

/**
 * Why a password is not good enough. `contains_name`: the user's or the site's names, and fewer than 8 characters beside
 * them. `malformed`: not a string, or with NUL or a lone surrogate.
 */
export type PasswordProblem = 'malformed' | 'too_short' | 'too_long' | 'contains_name' | 'breached'

/** The result of a {@link passwordPolicy}. `password` is what was typed, as a string. */
export type PasswordVerdict =
  | { readonly ok: true; readonly password: string }
  | { readonly ok: false; readonly reason: PasswordProblem }

/** A user may lack one of them. */
type Names = readonly (string | null | undefined)[]

/** What NIST asks of any password. */
const LEAST = 8
/** Shorter words are in too many passwords by chance. */
const LEAST_OF_NAME = 4

/**
 * Says whether a new password is good enough, at a sign-up or a change: `await policy(form.get('password'), [email])`, with
 * the user's own names. By NIST SP 800-63B-4, 3.1.1.2: the length, no rules on kinds of characters, nothing that is
 * expected or known. Not for logins: a user with an old password must get in to change it.
 *
 * @throws LatchkeyError `invalid_configuration` for a `minLength` below 8 or a `maxLength` below 64.
 */
export function passwordPolicy(
  options: PasswordPolicyOptions = {},
): (password: unknown, names?: Names) => Promise<PasswordVerdict> {
  const { minLength = 15, maxLength, names: everywhere = [], isBreached, ...unknown } = options
  refuseUnknown(unknown)
  checkCount('minLength', minLength, LEAST)
  if (maxLength !== undefined) checkCount('maxLength', maxLength, Math.max(64, minLength))
  if (isBreached !== undefined && typeof isBreached !== 'function')
    misconfigured('`isBreached` must be a function.')
  if (!Array.isArray(everywhere)) misconfigured('`names` must be a list of strings.')

  const problemOf = async (password: unknown, names: Names): Promise<PasswordProblem | null> => {
    if (typeof password !== 'string' || password.includes('\0') || !password.isWellFormed())
      return 'malformed'
    if (password !== '' && !isPasswordText(password)) return 'too_long'
    const text = password.normalize('NFC')
    const length = lengthOf(text)
    if (length < minLength) return 'too_short'
    if (maxLength !== undefined && length > maxLength) return 'too_long'
    if (isMadeOf([...everywhere, ...names], text)) return 'contains_name'
    return (await isBreached?.(text)) ? 'breached' : null
  }
  return async (password, names = []) => {
    const reason = await problemOf(password, names)
    return reason === null ? { ok: true, password: password as string } : { ok: false, reason }
  }
}

/** Whether a password is hardly more than names, in whatever case and order. */
function isMadeOf(names: Names, text: string): boolean {
  const password = folded(text)
  const words = names.filter(isUsernameText).flatMap((name) => wordsOf(folded(name)))
  const longestFirst = words.toSorted((a, b) => b.length - a.length)
  const rest = longestFirst.reduce((left, word) => left.replaceAll(word, ''), password)
  return rest !== password && lengthOf(rest) < LEAST
}

/** A name, and the words in it: `alice` and `example` of `alice@example.com`. */
function wordsOf(name: string): string[] {
  return [name, ...name.split(/[^\p{L}\p{N}]/u)].filter((word) => lengthOf(word) >= LEAST_OF_NAME)
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function lengthOf(text: string): number {
  return Array.from(text).length
}
