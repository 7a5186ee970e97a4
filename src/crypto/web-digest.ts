import { base64url } from './base64.ts'
import { utf8 } from './utf8.ts'

/** The first `bytes` of SHA-256 by Web Crypto as base64url, where a hop to a thread does not matter. Default all 32. */
export async function webSha256(text: string, bytes = 32): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)), 0, bytes))
}
