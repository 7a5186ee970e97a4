/**
 * Whether two digests or tokens are equal, in a time that depends on their lengths alone. Their length is not a
 * secret.
 */
export function equalInConstantTime<T extends string | Uint8Array>(a: T, b: T): boolean {
  return a.length === b.length && difference(a, b) === 0
}

/** Two loops: in one for both kinds each step would ask which kind it is. */
function difference(a: string | Uint8Array, b: string | Uint8Array): number {
  let bits = 0
  if (typeof a === 'string' && typeof b === 'string')
    for (let i = 0; i < a.length; i++) bits |= a.charCodeAt(i) ^ b.charCodeAt(i)
  else for (let i = 0; i < a.length; i++) bits |= (a[i] as number) ^ (b[i] as number)
  return bits
}
