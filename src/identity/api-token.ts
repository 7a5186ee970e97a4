import { misconfigured, refuseUnknown } from '../base/options.ts'
import { sha256Base64url } from '../crypto/digest.ts'
import { randomToken } from '../crypto/random.ts'

/** A token or key, made once and shown once. */
export interface CreatedApiToken {
  /** For the user: 256 random bits after the prefix. It cannot be had again. */
  readonly token: string
  /** For your table: what `findByToken` looks for, after `hashApiToken`. */
  readonly hash: string
}

/**
 * Makes a bearer token or an API key. A prefix of yours tells people, and scanners of leaked secrets, what they have
 * found: `acme_…`.
 */
export function createApiToken({
  prefix = '',
  ...unknown
}: {
  readonly prefix?: string
} = {}): CreatedApiToken {
  refuseUnknown(unknown)
  if (!/^[A-Za-z0-9_-]{0,32}$/.test(prefix))
    misconfigured('`prefix` is at most 32 letters, digits, "_" and "-".')
  const token = prefix + randomToken()
  return { token, hash: hashApiToken(token) }
}

/**
 * SHA-256 of a token, base64url. What is random by 256 bits needs no slow hash, and no salt; looked up by its hash, it
 * is not given away by the time that a comparison takes.
 */
export function hashApiToken(token: string): string {
  return sha256Base64url(token)
}
