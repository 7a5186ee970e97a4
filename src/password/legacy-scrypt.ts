import type { LegacyHash } from './legacy-verifier.ts'
import { isSaneScryptCost, type ScryptCost, scryptDerive } from './scrypt.ts'

/** The parts of a scrypt hash, as they were found. */
export interface ScryptParts {
  readonly cost: ScryptCost
  readonly salt: Uint8Array<ArrayBuffer> | null
  readonly hash: Uint8Array | null
}

/** scrypt as other systems store it: any key from 16 bytes on. A shorter one could be matched by chance. */
export function legacyScrypt({ cost, salt, hash }: ScryptParts): LegacyHash | null {
  if (!isSaneScryptCost(cost) || !salt || !hash || hash.length < 16) return null
  return { hash, derive: (password) => scryptDerive()(password, salt, cost, hash.length) }
}
