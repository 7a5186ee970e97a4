const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The base64 of crypt(3): three bytes as four characters, the lowest bits first; two bytes as three, one as two. */
export function crypt64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3)
    let bits = group.reduce((sum, byte, i) => sum | (byte << (8 * i)), 0)
    for (let i = 0; i <= group.length; i++, bits >>= 6) text += ALPHABET[bits & 63]
  }
  return text
}

/** The value of one of its characters; -1 for any other. */
export function valueInCrypt64(character: string): number {
  return character === '' ? -1 : ALPHABET.indexOf(character)
}
