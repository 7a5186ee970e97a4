import { misconfigured, refuseUnknown } from '../base/options.ts'
import { sha256Base64url } from '../crypto/digest.ts'
import { randomToken } from '../crypto/random.ts'

/** A new API token or key. It is made once and shown once. */
export interface CreatedApiToken {
  /** For the user: the prefix and 256 random bits. It cannot be recovered later. */
  readonly token: string
  /** For your table: `findByToken` looks it up as `hashApiToken(token)`. */
  readonly hash: string
}

/**
 * Creates an API token: a bearer token or an API key. A prefix such as `acme_` tells people, and scanners for
 * leaked secrets, what they have found. Default: no prefix.
 *
 * @throws LatchkeyError `invalid_configuration` unless the prefix is at most 32 letters, digits, "_" and "-".
 */
export function createApiToken({
  prefix = '',
  ...unknown
}: {
  readonly prefix?: string
} = {}): CreatedApiToken {
  refuseUnknown(unknown)
  if (!/^[A-Za-z0-9_-]{0,32}$/.test(prefix))
    misconfigured('`prefix` must be at most 32 letters, digits, "_" and "-".')
  const token = prefix + randomToken()
  return { token, hash: hashApiToken(token) }
}

/**
 * Returns the SHA-256 of an API token, as base64url.
 *
 * A token with 256 random bits needs no slow hash and no salt. Looking it up by its hash reveals nothing
 * through the time that a comparison takes.
 */
export function hashApiToken(token: string): string {
  return sha256Base64url(token)
}
