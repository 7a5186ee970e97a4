const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * base64url without padding (RFC 4648, section 5), for digests and tokens. By hand: `toBase64` is missing on Node 20
 * to 24. From character codes at once, since a string built by `+=` is flattened at its first look-up in a map.
 */
export function base64url(bytes: Uint8Array): string {
  const codes = new Array<number>(Math.ceil((bytes.length * 4) / 3))
  for (let i = 0, at = 0; at < codes.length; i += 3) {
    const n = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    for (let shift = 18; shift >= 0 && at < codes.length; shift -= 6)
      codes[at++] = ALPHABET.charCodeAt((n >> shift) & 63)
  }
  return String.fromCharCode(...codes)
}

/** The bytes of base64url that is known to be well-formed. */
export function bytesOfBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
