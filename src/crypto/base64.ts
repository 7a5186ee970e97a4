const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** By character code; -1 for what is not in the alphabet. */
const VALUES: Readonly<Int8Array> = /* @__PURE__ */ Int8Array.from({ length: 128 }, (_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
)

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
    count += 8
    while (count >= 6) {
      count -= 6
      codes.push(ALPHABET.charCodeAt((bits >> count) & 63))
    }
  }
  if (count > 0) codes.push(ALPHABET.charCodeAt((bits << (6 - count)) & 63))
  return String.fromCharCode(...codes)
}

/**
 * The bytes of base64url, or `null` for any text that {@link base64url} would not give: another character, a character
 * too many, unused bits that are set. One spelling for each value, so that nothing can be respelled; `atob` is lenient,
 * and slower.
 */
export function bytesOfBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array((text.length * 3) >> 2)
  let bits = 0
  let count = 0
  for (let i = 0, at = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1
    if (value < 0) return null
    bits = (bits << 6) | value
    count += 6
    if (count < 8) continue
    count -= 8
    bytes[at++] = bits >> count
  }
  return count < 6 && (bits & ((1 << count) - 1)) === 0 ? bytes : null
}

/** The same for the standard alphabet (section 4) without padding, as PHC strings have it. */
export function bytesOfUnpaddedBase64(text: string): Uint8Array<ArrayBuffer> | null {
  return /[-_]/.test(text) ? null : bytesOfBase64url(text.replaceAll('+', '-').replaceAll('/', '_'))
}

/** The same with padding, as HTTP Basic has it. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='))
  return text.length % 4 === 0 ? bytesOfUnpaddedBase64(text.slice(0, text.length - padding)) : null
}
