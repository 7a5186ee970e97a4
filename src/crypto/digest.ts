import { sha256 } from '@noble/hashes/sha2.js'
import { base64url } from './base64.ts'
import { utf8 } from './utf8.ts'

/** SHA-256 as base64url. By @noble/hashes: 2 µs in place, where Web Crypto costs a hop to a thread (30 µs). */
export function sha256Base64url(text: string): string {
  return base64url(sha256(utf8(text)))
}
