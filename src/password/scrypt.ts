import { scryptAsync } from '@noble/hashes/scrypt.js'
import { misconfigured } from '../base/options.ts'
import { builtin } from './native.ts'
import type { PasswordVerifier } from './password-verifier.ts'
import { wholeNumber } from './phc.ts'
import { type Derive, phcVerifier } from './phc-verifier.ts'

/** scrypt's cost (RFC 7914, section 2). Takes 128 · N · r bytes. */
export interface ScryptCost {
  /** A power of two. */
  readonly N: number
  readonly r: number
  readonly p: number
}

export interface ScryptOptions extends Partial<ScryptCost> {
  /** Default: `node:crypto` where there is one, otherwise @noble/hashes. */
  readonly derive?: Derive<ScryptCost>
}

/** No stored hash makes us take more than this. */
const MAX_MEMORY = 512 * 2 ** 20
const MAX_WORK = 2 ** 24

/**
 * Passwords by scrypt: `$scrypt$ln=17,r=8,p=1$salt$hash`. Default N=2^17, r=8, p=1 (OWASP Password Storage).
 * By `node:crypto` about 0.5 s on a thread; by @noble/hashes about 1 s in steps.
 */
export function scrypt({
  N = 2 ** 17,
  r = 8,
  p = 1,
  derive = scryptDerive(),
}: ScryptOptions = {}): Required<PasswordVerifier> {
  const cost = { N, r, p }
  if (!isSaneScryptCost(cost) || N * p < 2 ** 16) {
    misconfigured(
      '`scrypt` takes N, a power of two, r and p; at least N=2^17, r=8, p=1 or its equals (OWASP), at most 512 MiB.',
    )
  }
  return phcVerifier<ScryptCost>({
    name: 'scrypt',
    cost,
    derive,
    readCost({ parameters: { ln, r, p } }) {
      const cost = { N: 2 ** wholeNumber(ln), r: wholeNumber(r), p: wholeNumber(p) }
      return isSaneScryptCost(cost) ? cost : null
    },
    writeCost: (cost) => ({ ln: String(Math.log2(cost.N)), r: String(cost.r), p: String(cost.p) }),
    isWeaker: (other) => other.N * other.r * other.p < N * r * p,
  })
}

/** Whether this is a cost of scrypt, and not one that could stop the server. */
export function isSaneScryptCost({ N, r, p }: ScryptCost): boolean {
  const whole = [N, r, p].every((value) => Number.isInteger(value) && value >= 1)
  return (
    whole && N >= 2 && Number.isInteger(Math.log2(N)) && 128 * N * r <= MAX_MEMORY && N * r * p <= MAX_WORK
  )
}

interface NodeScrypt {
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    length: number,
    options: ScryptCost & { maxmem: number },
    done: (error: Error | null, key: Uint8Array) => void,
  ): void
}

/** The fastest scrypt of this runtime. */
export function scryptDerive(
  native: NodeScrypt | undefined = builtin<NodeScrypt>('node:crypto'),
): Derive<ScryptCost> {
  if (!native?.scrypt) return byNoble
  return (password, salt, cost, length) =>
    new Promise((resolve, reject) => {
      const options = { ...cost, maxmem: 256 * cost.N * cost.r }
      native.scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)))
    })
}

/** @noble/hashes, giving the event loop a turn now and then. */
export const byNoble: Derive<ScryptCost> = (password, salt, cost, length) =>
  scryptAsync(password, salt, { ...cost, dkLen: length, maxmem: 256 * cost.N * cost.r })
