import { sha1 } from '@noble/hashes/legacy.js'
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import type { LegacyHash } from './legacy-verifier.ts'
import {
  areTooManyHere,
  isSanePbkdf2Cost,
  type Pbkdf2Cost,
  type Pbkdf2Digest,
  webCryptoPbkdf2,
} from './pbkdf2.ts'
import type { Derive } from './phc-verifier.ts'

const DIGESTS = { 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-512': sha512 }

/** The parts of a PBKDF2 hash, as they were found. */
export interface Pbkdf2Parts {
  readonly digest: Pbkdf2Digest
  readonly iterations: number
  readonly salt: Uint8Array<ArrayBuffer> | null
  readonly hash: Uint8Array | null
}

/**
 * PBKDF2 as other systems store it: any key from 16 bytes on, whatever the digest. A shorter one could be matched by chance.
 * Each block of a longer key takes all iterations again, which counts towards what a hash may ask for.
 */
export function legacyPbkdf2({ digest, iterations, salt, hash }: Pbkdf2Parts): LegacyHash | null {
  if (!salt || !hash || hash.length < 16 || !Number.isInteger(iterations)) return null
  const cost = { iterations }
  const blocks = Math.ceil(hash.length / DIGESTS[digest].outputLen)
  if (!isSanePbkdf2Cost({ iterations: iterations * blocks })) return null
  return { hash, derive: (password) => pbkdf2Derive(digest)(password, salt, cost, hash.length) }
}

/**
 * Web Crypto, and @noble/hashes for more iterations than the runtime allows (Cloudflare: 100,000). `pbkdf2()` refuses
 * those; but what another system made cannot be made cheaper, and is gone once its user has logged in.
 */
export function pbkdf2Derive(
  digest: Pbkdf2Digest,
  native: Derive<Pbkdf2Cost> = webCryptoPbkdf2(digest),
): Derive<Pbkdf2Cost> {
  return async (password, salt, cost, length) => {
    try {
      return await native(password, salt, cost, length)
    } catch (error) {
      if (!areTooManyHere(error)) throw error
      return pbkdf2Async(DIGESTS[digest], password, salt, { c: cost.iterations, dkLen: length })
    }
  }
}
