const URL_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * base64url without padding (RFC 4648, section 5), for digests and tokens. By hand: `toBase64` is missing on Node 20
 * to 24. From character codes at once, since a string built by `+=` is flattened at its first look-up in a map.
 */
export function base64url(bytes: Uint8Array): string {
  const codes: number[] = []
  let bits = 0
  let count = 0
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    for (count += 8; count >= 6; ) codes.push(URL_ALPHABET.charCodeAt((bits >> (count -= 6)) & 63))
  }
  if (count > 0) codes.push(URL_ALPHABET.charCodeAt((bits << (6 - count)) & 63))
  return String.fromCharCode(...codes)
}

/**
 * The bytes of base64 with padding (RFC 4648, section 4), or `null` for any text that encoding would not give: blanks,
 * missing padding, unused bits that are set. One spelling for each value, so that nothing can be respelled. The round
 * trip decides, because `atob` is lenient.
 */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text)
    return btoa(binary) === text ? Uint8Array.from(binary, (character) => character.charCodeAt(0)) : null
  } catch {
    return null
  }
}

/** The same without padding, as PHC strings have it. */
export function bytesOfUnpaddedBase64(text: string): Uint8Array<ArrayBuffer> | null {
  return text.includes('=') ? null : bytesOfBase64(text + '='.repeat(-text.length & 3))
}

/** The same for base64url without padding. */
export function bytesOfBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (/[+/]/.test(text)) return null
  return bytesOfUnpaddedBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
}
