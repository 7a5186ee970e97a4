import { webSha256 } from '../crypto/web-digest.ts'

const STAMP = /[,$]stamp=([\w-]{22})(?=[,$])/

/**
 * Returns what the session hash is made from instead of the stored password hash.
 *
 * A hash that was renewed for the same password (a stronger cost) carries the stamp of the one before as a
 * parameter, so that the renewal ends no session. Any other hash gives a stamp of its own, a digest. A stamp
 * is not a secret: it is only used under HMAC.
 */
export async function passwordStamp(hashedPassword: string): Promise<string> {
  const carried = STAMP.exec(hashedPassword)?.[1]
  if (carried !== undefined) return carried
  return webSha256(hashedPassword, 16)
}
