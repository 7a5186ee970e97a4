import { base64url } from './base64.ts'

/** Imports 256 bits as a key for {@link hmacSha256}. */
export function importHmacKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

/** HMAC-SHA-256 (RFC 2104) by Web Crypto, as base64url. */
export async function hmacSha256(key: CryptoKey, message: Uint8Array<ArrayBuffer>): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, message)))
}
