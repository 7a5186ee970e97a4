import { misconfigured } from '../base/options.ts'
import type { PasswordVerifier } from './password-verifier.ts'
import { wholeNumber } from './phc.ts'
import { type Derive, phcVerifier } from './phc-verifier.ts'

/** The cost of PBKDF2. */
export interface Pbkdf2Cost {
  /** How often HMAC is applied. `pbkdf2()` defaults to 600,000. */
  readonly iterations: number
}

/** Options of {@link pbkdf2}. */
export interface Pbkdf2Options extends Partial<Pbkdf2Cost> {
  /** The implementation. Default: Web Crypto, on a thread, in every runtime. */
  readonly derive?: Derive<Pbkdf2Cost>
}

const MAX_ITERATIONS = 10_000_000

/**
 * Verifies and makes password hashes with PBKDF2-HMAC-SHA-256: `$pbkdf2-sha256$i=600000$salt$hash`. Default
 * 600,000 iterations (OWASP Password Storage). For runtimes without a native argon2id or scrypt. Cloudflare
 * Workers allow at most 100,000.
 *
 * @throws LatchkeyError `invalid_configuration` for less than 100,000 or more than 10,000,000 iterations.
 */
export function pbkdf2({
  iterations = 600_000,
  derive = byWebCrypto,
}: Pbkdf2Options = {}): Required<PasswordVerifier> {
  if (!isSanePbkdf2Cost({ iterations }) || iterations < 100_000) {
    misconfigured('`iterations` of `pbkdf2` must be 100,000 to 10,000,000 (OWASP: 600,000).')
  }
  return phcVerifier<Pbkdf2Cost>({
    name: 'pbkdf2-sha256',
    cost: { iterations },
    derive,
    readCost({ parameters }) {
      const cost = { iterations: wholeNumber(parameters.i) }
      return isSanePbkdf2Cost(cost) ? cost : null
    },
    writeCost: (cost) => ({ i: String(cost.iterations) }),
    isWeaker: (other) => other.iterations < iterations,
  })
}

/** Whether this is a number of iterations, and not one that could stop the server. */
export function isSanePbkdf2Cost({ iterations }: Pbkdf2Cost): boolean {
  return Number.isInteger(iterations) && iterations >= 1 && iterations <= MAX_ITERATIONS
}

export type Pbkdf2Digest = 'SHA-1' | 'SHA-256' | 'SHA-512'

/** Web Crypto with one digest: on a thread, in every runtime. */
export function webCryptoPbkdf2(hash: Pbkdf2Digest): Derive<Pbkdf2Cost> {
  return async (password, salt, { iterations }, length) => {
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
    const parameters = { name: 'PBKDF2', hash, salt, iterations }
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8))
  }
}

/**
 * Whether the runtime refuses so many iterations. Cloudflare says it like this; workerd on your own machine
 * takes any number.
 */
export function areTooManyHere(error: unknown): boolean {
  return (error as Error).name === 'NotSupportedError'
}

export const byWebCrypto: Derive<Pbkdf2Cost> = async (password, salt, cost, length) => {
  try {
    return await webCryptoPbkdf2('SHA-256')(password, salt, cost, length)
  } catch (error) {
    if (!areTooManyHere(error)) throw error
    return misconfigured(
      `PBKDF2 with ${cost.iterations} iterations is more than this runtime allows (Cloudflare Workers: 100,000). Use \`scrypt({ N: 2 ** 14, p: 5 })\`, or \`pbkdf2({ iterations: 100_000 })\`.`,
    )
  }
}
