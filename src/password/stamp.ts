import { base64url } from '../crypto/base64url.ts'
import { utf8 } from '../crypto/utf8.ts'

const STAMP = /[,$]stamp=([\w-]{22})(?=[,$])/

/**
 * What the session hash is made from in place of the stored password hash. A hash that was renewed for the same
 * password (a stronger cost) carries the stamp of the one before as a parameter, so that the renewal ends no
 * session; any other hash is its own stamp. A stamp is no secret: it is used under HMAC only.
 */
export async function passwordStamp(hashedPassword: string): Promise<string> {
  const carried = STAMP.exec(hashedPassword)?.[1]
  if (carried !== undefined) return carried
  const digest = await crypto.subtle.digest('SHA-256', utf8(hashedPassword))
  return base64url(new Uint8Array(digest, 0, 16))
}
