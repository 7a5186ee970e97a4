/**
 * Whether two digests or tokens are equal, in a time that depends on their lengths alone. Their length is not a
 * secret.
 */
export function equalInConstantTime(a: string, b: string): boolean
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean
export function equalInConstantTime(a: string | Uint8Array, b: string | Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  // Two loops: in one for both kinds each step would ask which kind it is.
  if (typeof a === 'string' && typeof b === 'string')
    for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  else for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}
