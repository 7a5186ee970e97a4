import { scryptAsync } from '@noble/hashes/scrypt.js'
import { misconfigured } from '../base/options.ts'
import { builtin } from './native.ts'
import type { PasswordVerifier } from './password-verifier.ts'
import { wholeNumber } from './phc.ts'
import { type Derive, phcVerifier } from './phc-verifier.ts'

/** The cost of scrypt (RFC 7914, section 2). It takes 128 · N · r bytes. */
export interface ScryptCost {
  /** Cost in work and memory, a power of two. `scrypt()` defaults to 2^17. */
  readonly N: number
  /** Block size. `scrypt()` defaults to 8. */
  readonly r: number
  /** Parallelization. `scrypt()` defaults to 1. */
  readonly p: number
}

/** Options of {@link scrypt}. */
export interface ScryptOptions extends Partial<ScryptCost> {
  /** The implementation. Default: `node:crypto` if there is one, otherwise @noble/hashes. */
  readonly derive?: Derive<ScryptCost>
}

/** No stored hash can make us take more than this: 512 MiB, and the blocks beside them. */
const MAX_MEMORY = 513 * 2 ** 20
const MAX_WORK = 2 ** 24

/**
 * Verifies and makes password hashes with scrypt: `$scrypt$ln=17,r=8,p=1$salt$hash`. Default N=2^17, r=8, p=1
 * (OWASP Password Storage). `node:crypto` takes about 0.5 s on a thread; @noble/hashes about 1 s in steps.
 *
 * @throws LatchkeyError `invalid_configuration` for a cost that is weaker than OWASP's, or above 512 MiB.
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
      '`scrypt` needs `N: 2 ** 17`, `r: 8` and `p: 1` or an equivalent (OWASP) at least, and at most 512 MiB. `N` is a power of two.',
    )
  }
  return phcVerifier<ScryptCost>({
    name: 'scrypt',
    cost,
    derive,
    readCost({ parameters: { ln, n, r, p } }) {
      // AdonisJS and nuxt-auth-utils write the number itself (`n`), everybody else its logarithm.
      const N = ln === undefined ? wholeNumber(n) : 2 ** wholeNumber(ln)
      const cost = { N, r: wholeNumber(r), p: wholeNumber(p) }
      return isSaneScryptCost(cost) ? cost : null
    },
    writeCost: (cost) => ({ ln: String(Math.log2(cost.N)), r: String(cost.r), p: String(cost.p) }),
    isWeaker: (other) => other.N * other.r * other.p < N * r * p,
  })
}

/** r times p, 2 MiB: PBKDF2 makes these in one piece before the steps begin, and JavaScript stops the event loop for it. */
const MAX_BLOCKS = 2 ** 14

/** Whether this is a cost of scrypt (RFC 7914, section 2), and not one that could stop the server. */
export function isSaneScryptCost(cost: ScryptCost): boolean {
  const { N, r, p } = cost
  const whole = [N, r, p].every((value) => Number.isInteger(value) && value >= 1)
  const log = Math.log2(N)
  const isCost = whole && log >= 1 && Number.isInteger(log) && log < 16 * r
  return isCost && memoryOf(cost) <= MAX_MEMORY && N * r * p <= MAX_WORK && r * p <= MAX_BLOCKS
}

/** The bytes it takes: N blocks, p blocks, and two more that OpenSSL and @noble/hashes work in. */
function memoryOf({ N, r, p }: ScryptCost): number {
  return 128 * r * (N + p + 2)
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
      const options = { ...cost, maxmem: memoryOf(cost) }
      native.scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)))
    })
}

/** @noble/hashes, which gives the event loop a turn now and then. */
export const byNoble: Derive<ScryptCost> = (password, salt, cost, length) =>
  scryptAsync(password, salt, { ...cost, dkLen: length, maxmem: memoryOf(cost) })
