import { bytesOfBase64url } from './base64.ts'
import { utf8 } from './utf8.ts'

/** The keys of one secret, imported once: importing costs as much as using them. */
export interface OpeningKeys {
  readonly id: string
  readonly encryption: CryptoKey
  readonly integrity: CryptoKey
}

/** Why a seal does not open. */
export type SealFailure = 'malformed' | 'unknown_key' | 'expired' | 'forged'

export type Opened =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false
      readonly reason: SealFailure
      /** When the seal says that it expires, epoch milliseconds. Only where its key is unknown: nothing proves it. */
      readonly expiresAt?: number
      /** What was sealed, of one that has expired and is genuine otherwise. */
      readonly expired?: unknown
    }

/**
 * The one spelling of a seal that we accept: Fe26.2 with a key id, no password salts (we feed raw keys), an
 * expiry in milliseconds, and base64url whose unused bits are zero. Iron 2.0.0 decodes leniently, so without
 * this check an altered seal would open, and a revoked or remembered one could be respelled.
 */
const CANONICAL =
  /^(Fe26\.2\*([0-9a-f]{8})\*\*([\w-]{21}[AQgw])\*((?:[\w-]{4})+(?:[\w-]{2}[AEIMQUYcgkosw048]|[\w-][AQgw])?)\*([1-9]\d{12}))\*\*([\w-]{42}[AEIMQUYcgkosw048])$/

/** No `Set-Cookie` that a browser keeps is longer, so nothing longer is ours. */
const MAX_LENGTH = 4096

const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true })

/**
 * Opens an iron seal (Fe26.2: HMAC-SHA-256 over an AES-256-CBC ciphertext) as iron's own `unseal` does, but under
 * keys that are imported once and in one spelling only; half of iron's time goes into importing. The MAC is checked
 * before anything is decrypted. A bad seal costs a regular expression, a forged one a MAC; none throws.
 */
export async function openSeal(sealed: string, keys: readonly OpeningKeys[], now: number): Promise<Opened> {
  const match = sealed.length <= MAX_LENGTH ? CANONICAL.exec(sealed) : null
  if (!match) return { ok: false, reason: 'malformed' }
  const [, signed = '', id, iv = '', ciphertext = '', expiresAt, mac = ''] = match
  const key = keys.find((candidate) => candidate.id === id)
  const hasExpired = Number(expiresAt) <= now
  if (!key && hasExpired) return { ok: false, reason: 'expired' }
  if (!key) return { ok: false, reason: 'unknown_key', expiresAt: Number(expiresAt) }
  const { subtle } = crypto
  const [macBytes, ivBytes, encrypted] = [mac, iv, ciphertext].map(bytesOfBase64url)
  if (!macBytes || !ivBytes || !encrypted) return { ok: false, reason: 'malformed' }
  try {
    const genuine = await subtle.verify('HMAC', key.integrity, macBytes, utf8(signed))
    if (!genuine) return { ok: false, reason: 'forged' }
    const plain = await subtle.decrypt({ name: 'AES-CBC', iv: ivBytes }, key.encryption, encrypted)
    const payload: unknown = JSON.parse(decoder.decode(plain))
    return hasExpired ? { ok: false, reason: 'expired', expired: payload } : { ok: true, payload }
  } catch {
    return { ok: false, reason: 'forged' }
  }
}
