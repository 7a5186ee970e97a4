/**
 * Whether two digests or tokens are equal, in a time that depends on their lengths alone. Their length is not a
 * secret.
 */
export function equalInConstantTime<T extends string | Uint8Array>(a: T, b: T): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= unitOf(a, i) ^ unitOf(b, i)
  return difference === 0
}

function unitOf(value: string | Uint8Array, i: number): number {
  return typeof value === 'string' ? value.charCodeAt(i) : (value[i] as number)
}
