const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** The character codes of the alphabet. */
const CODES: Readonly<Uint8Array> = /* @__PURE__ */ Uint8Array.from(ALPHABET, (letter) =>
  letter.charCodeAt(0),
)
/** By character code; -1 for what is not in the alphabet. */
const VALUES: Readonly<Int8Array> = /* @__PURE__ */ Int8Array.from({ length: 128 }, (_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
)

/**
 * base64url without padding (RFC 4648, section 5), for digests and tokens. By hand: `toBase64` is missing on Node 20
 * to 24. Three bytes at a time, and from character codes at once, since a string built by `+=` is flattened at its first
 * look-up in a map.
 */
export function base64url(bytes: Uint8Array): string {
  const codes: number[] = []
  const { length } = bytes
  let i = 0
  for (; i + 2 < length; i += 3) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number)
    codes.push(code(bits >> 18), code(bits >> 12), code(bits >> 6), code(bits))
  }
  if (i < length) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8)
    codes.push(code(bits >> 18), code(bits >> 12))
    if (i + 1 < length) codes.push(code(bits >> 6))
  }
  return String.fromCharCode(...codes)
}

const code = (bits: number): number => CODES[bits & 63] as number

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
