/** A KDF, as a verifier takes it. */
type Derive<Cost> = (
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  cost: Cost,
  length: number,
) => Promise<Uint8Array>

/**
 * A KDF that overwrites the salt it is given, and so the one that is written into the hash. For the user table alone: two
 * processes begin with the same one.
 */
export function fixedSalt<Cost>(derive: Derive<Cost>): Derive<Cost> {
  return (password, salt, cost, length) => derive(password, salt.fill(0x5a), cost, length)
}
