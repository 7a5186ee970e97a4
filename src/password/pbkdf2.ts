import { misconfigured } from '../errors.ts'
import type { PasswordVerifier } from './password-verifier.ts'
import { wholeNumber } from './phc.ts'
import { type Derive, phcVerifier } from './phc-verifier.ts'

export interface Pbkdf2Cost {
  readonly iterations: number
}

export interface Pbkdf2Options extends Partial<Pbkdf2Cost> {
  /** Default: Web Crypto, on a thread, in every runtime. */
  readonly derive?: Derive<Pbkdf2Cost>
}

const MAX_ITERATIONS = 10_000_000

/**
 * Passwords by PBKDF2-HMAC-SHA-256: `$pbkdf2-sha256$i=600000$salt$hash`. Default 600,000 iterations (OWASP Password
 * Storage). For runtimes without a native argon2id or scrypt; Cloudflare Workers allow 100,000 at most.
 */
export function pbkdf2({
  iterations = 600_000,
  derive = byWebCrypto,
}: Pbkdf2Options = {}): Required<PasswordVerifier> {
  if (!isSane({ iterations }) || iterations < 100_000) {
    misconfigured('`pbkdf2` takes iterations: 600,000 (OWASP), at least 100,000, at most 10,000,000.')
  }
  return phcVerifier<Pbkdf2Cost>({
    name: 'pbkdf2-sha256',
    cost: { iterations },
    derive,
    readCost({ parameters }) {
      const cost = { iterations: wholeNumber(parameters.i) }
      return isSane(cost) ? cost : null
    },
    writeCost: (cost) => ({ i: String(cost.iterations) }),
    isWeaker: (other) => other.iterations < iterations,
  })
}

function isSane({ iterations }: Pbkdf2Cost): boolean {
  return Number.isInteger(iterations) && iterations >= 1 && iterations <= MAX_ITERATIONS
}

/** Web Crypto: on a thread, in every runtime. */
export const byWebCrypto: Derive<Pbkdf2Cost> = async (password, salt, { iterations }, length) => {
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  try {
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8))
  } catch (error) {
    // Cloudflare's way to say so; workerd on one's own machine takes any number.
    if ((error as Error).name !== 'NotSupportedError') throw error
    return misconfigured(
      `PBKDF2 with ${iterations} iterations is more than this runtime allows (Cloudflare Workers: 100,000). Take \`scrypt({ N: 2 ** 14, p: 5 })\`, or \`pbkdf2({ iterations: 100_000 })\`.`,
    )
  }
}
