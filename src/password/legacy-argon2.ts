import { argon2dAsync, argon2iAsync } from '@noble/hashes/argon2.js'
import { type Argon2Cost, argon2id, readArgon2Cost } from './argon2id.ts'
import { firstOf, type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import { parsePhc } from './phc.ts'
import type { Derive } from './phc-verifier.ts'

/** A hash without a version is of the one before 1.3 (the reference implementation's encoding.c). */
const FIRST_VERSION = 0x10
const VERSIONS = [FIRST_VERSION, 0x13]

/**
 * Verifies PHC strings of argon2i and argon2d: `$argon2i$v=19$m=512,t=2,p=2$salt$hash`, also those from
 * before version 1.3. It makes none: use it in `passwordChain`. It uses @noble/hashes, which takes the event
 * loop in steps. `argon2id()` verifies those of argon2id, whatever they cost.
 */
export function legacyArgon2(): LegacyVerifier {
  return legacyVerifier((hashed) => {
    const phc = parsePhc(hashed)
    const kind = phc && kindOf(phc.scheme)
    const cost = phc && readArgon2Cost(phc)
    const version = phc?.version ?? FIRST_VERSION
    if (!kind || !cost || !VERSIONS.includes(version)) return null
    const { memoryKiB: m, passes: t, lanes: p } = cost
    const options = { m, t, p, version, dkLen: phc.hash.length }
    return { hash: phc.hash, derive: (password) => kind(password, phc.salt, options) }
  })
}

/** PHC strings of every argon2, as other systems make them; `derive` for those of argon2id, as in `argon2id()`. */
export function anyArgon2(derive: Derive<Argon2Cost> | undefined): LegacyVerifier {
  const { verify, verifyAsTyped, canVerify } = argon2id(derive ? { derive } : {})
  // Hashes of another system: the text as it was typed first.
  return firstOf([{ verify: verifyAsTyped, verifyAsTyped: verify, canVerify }, legacyArgon2()])
}

function kindOf(scheme: string): typeof argon2iAsync | null {
  if (scheme === 'argon2i') return argon2iAsync
  return scheme === 'argon2d' ? argon2dAsync : null
}
