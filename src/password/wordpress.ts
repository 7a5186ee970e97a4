import { md5 } from '@noble/hashes/legacy.js'
import { asyncLoop } from '@noble/hashes/utils.js'
import { utf8 } from '../crypto/utf8.ts'
import { type BcryptLibrary, bcryptBy } from './bcrypt.ts'
import { isPasswordText } from './credential-text.ts'
import { crypt64, valueInCrypt64 } from './crypt64.ts'
import {
  firstOf,
  type LegacyHash,
  type LegacyVerifier,
  legacyVerifier,
  translated,
  without,
} from './legacy-verifier.ts'

/** The options of {@link wordpressPasswords}. */
export interface WordpressOptions {
  /** `bcrypt`, `bcryptjs` or `@node-rs/bcrypt`, as for `bcryptBy`. Default: `$wp$2y$…`, from 6.8 on, is not verified. */
  readonly bcrypt?: BcryptLibrary
}

/** One character for the logarithm of the rounds, 8 of salt, 22 of hash. */
const PHPASS = /^\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})$/
const MIN_LOG_ROUNDS = 7
/** passlib makes 2^19, WordPress 2^13. 2^20 take two seconds, in JavaScript. */
const MAX_LOG_ROUNDS = 20
/** Rounds times blocks of MD5: a password of 4,096 bytes is one of 65 in each round. */
const MAX_BLOCKS = 2 ** 23

/**
 * The passwords of WordPress (the column `wp_users.user_pass`): `$P$…` (phpass, as in Drupal 6, phpBB's `$H$…` and passlib's
 * `phpass`), and `$wp$2y$…` of version 6.8 (bcrypt of an HMAC). As WordPress does, it leaves blanks around a password
 * out. A password with a quote or a backslash is also tried with the slashes that WordPress adds. `$2y$…` by a plug-in is
 * bcrypt: `bcryptBy`. MD5 alone is not verified.
 */
export function wordpressPasswords({ bcrypt }: WordpressOptions = {}): LegacyVerifier {
  return alsoSlashed(
    firstOf([
      legacyVerifier(readPhpass, trimmed),
      ...(bcrypt ? [translated(without('$wp'), bcryptBy(bcrypt), hmacSha384)] : []),
    ]),
  )
}

/**
 * WordPress puts slashes into what a form sends. Which of its ways to set a password hashed them too changed from version
 * to version, so both are tried.
 */
function alsoSlashed({ canVerify, verify }: LegacyVerifier): LegacyVerifier {
  return {
    canVerify,
    async verify(plain, hashed) {
      // WordPress hashes the empty text for users who have no password, and lets nobody in by it.
      if (!isPasswordText(plain) || trimmed(plain) === '') return false
      if (await verify(plain, hashed)) return true
      const slashed = plain.replaceAll(/['"\\]/g, '\\$&')
      return slashed !== plain && verify(slashed, hashed)
    },
  }
}

function readPhpass(hashed: string): LegacyHash | null {
  const [, cost = '', salt = '', hash = ''] = PHPASS.exec(hashed) ?? []
  const log = valueInCrypt64(cost)
  if (log < MIN_LOG_ROUNDS || log > MAX_LOG_ROUNDS) return null
  return { hash: utf8(hash), derive: (password) => phpass(password, utf8(salt), 2 ** log) }
}

/** MD5 again and again, in steps that leave the event loop a turn. */
async function phpass(password: Uint8Array, salt: Uint8Array, rounds: number): Promise<Uint8Array> {
  const input = new Uint8Array(16 + password.length)
  // No text fits it then, as in a system that has a limit.
  if (rounds * Math.ceil((input.length + 9) / 64) > MAX_BLOCKS) return new Uint8Array()
  input.set(password, 16)
  input.set(md5(Uint8Array.from([...salt, ...password])))
  await asyncLoop(rounds, 10, () => input.set(md5(input)))
  return utf8(crypt64(input.subarray(0, 16)))
}

/** What bcrypt, which looks at 72 bytes, gets in place of the password since 6.8. */
async function hmacSha384(plain: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-384' }
  const key = await crypto.subtle.importKey('raw', utf8('wp-sha384'), algorithm, false, ['sign'])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(trimmed(plain))))
  return btoa(String.fromCharCode(...mac))
}

/** The blanks of PHP's `trim`, which are fewer than JavaScript's. By hand: a pattern would look twice at each of them. */
function trimmed(plain: string): string {
  const isBlank = (at: number): boolean => ' \t\n\r\v'.includes(plain.charAt(at))
  let [start, end] = [0, plain.length]
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return plain.slice(start, end)
}
