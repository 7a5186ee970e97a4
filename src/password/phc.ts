import { base64url, bytesOfUnpaddedBase64 } from '../crypto/base64.ts'

/** A password hash in the PHC string format: `$scheme[$v=19]$name=value,…$salt$hash`. */
export interface PhcHash {
  readonly scheme: string
  readonly version?: number
  readonly parameters: Readonly<Record<string, string>>
  readonly salt: Uint8Array<ArrayBuffer>
  readonly hash: Uint8Array<ArrayBuffer>
}

const PHC =
  /^\$([a-z0-9-]{1,32})(?:\$v=([1-9]\d{0,2}))?\$([a-z0-9-]+=[\w+/.-]+(?:,[a-z0-9-]+=[\w+/.-]+)*)\$([\w+/-]+)\$([\w+/-]+)$/
const MAX_LENGTH = 512

/** Reads a PHC string; `null` for anything that is not exactly one. */
export function parsePhc(text: string): PhcHash | null {
  const match = text.length <= MAX_LENGTH ? PHC.exec(text) : null
  if (!match) return null
  const [, scheme = '', version, list = '', saltText = '', hashText = ''] = match
  const salt = bytesOfUnpaddedBase64(saltText)
  const hash = bytesOfUnpaddedBase64(hashText)
  if (!salt || !hash || salt.length < 8 || salt.length > 64 || hash.length < 16 || hash.length > 64)
    return null
  const pairs = list.split(',').map((pair) => pair.split('=') as [string, string])
  const parameters = Object.fromEntries(pairs)
  if (Object.keys(parameters).length !== pairs.length) return null
  return { scheme, ...(version === undefined ? {} : { version: Number(version) }), parameters, salt, hash }
}

export function formatPhc({ scheme, version, parameters, salt, hash }: PhcHash): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  return `$${scheme}${version === undefined ? '' : `$v=${version}`}$${list.join(',')}$${encode(salt)}$${encode(hash)}`
}

/** A parameter as a whole number without leading zeros, or NaN. */
export function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN
}

/** PHC's base64: the standard alphabet without padding. */
function encode(bytes: Uint8Array): string {
  return base64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
}
