import { argon2idAsync } from '@noble/hashes/argon2.js'
import { misconfigured } from '../base/options.ts'
import { builtin } from './native.ts'
import type { PasswordVerifier } from './password-verifier.ts'
import { type PhcHash, wholeNumber } from './phc.ts'
import { type Derive, phcVerifier } from './phc-verifier.ts'

/** The cost of Argon2id (RFC 9106, section 3.1). */
export interface Argon2Cost {
  /** Memory in KiB. `argon2id()` defaults to 19,456 (19 MiB). */
  readonly memoryKiB: number
  /** Passes over the memory. `argon2id()` defaults to 2. */
  readonly passes: number
  /** Degree of parallelism. `argon2id()` defaults to 1. */
  readonly lanes: number
}

/** Options of {@link argon2id}. */
export interface Argon2Options extends Partial<Argon2Cost> {
  /**
   * The implementation. Default: `node:crypto` from Node 24.7 and in Bun, otherwise @noble/hashes.
   *
   * @noble/hashes needs 350 ms of the event loop where a native one needs 30 ms of a thread. On Node 20 and
   * 22, and on Deno, pass `nodeRsArgon2(await import('@node-rs/argon2'))`.
   */
  readonly derive?: Derive<Argon2Cost>
}

const VERSION = 19
/** No stored hash can make us take more than this. */
const MAX_MEMORY_KIB = 2 ** 20
const MAX_WORK_KIB = 2 ** 22

/**
 * Verifies and makes password hashes with Argon2id: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. Default 19
 * MiB, 2 passes, 1 lane (OWASP Password Storage).
 *
 * @throws LatchkeyError `invalid_configuration` for a cost that is weaker than OWASP's, or above 1 GiB.
 */
export function argon2id(options: Argon2Options = {}): Required<PasswordVerifier> {
  const { memoryKiB = 19_456, passes = 2, lanes = 1, derive = argon2Derive() } = options
  const cost = { memoryKiB, passes, lanes }
  if (!isSane(cost) || memoryKiB < 7168 || memoryKiB * passes < 35_840) {
    misconfigured(
      '`argon2id` needs `memoryKiB: 19_456` and `passes: 2` or an equivalent (OWASP) at least, and at most 1 GiB. Change `memoryKiB`, `passes` or `lanes`.',
    )
  }
  return phcVerifier<Argon2Cost>({
    name: 'argon2id',
    version: VERSION,
    cost,
    derive,
    readCost: readArgon2Cost,
    writeCost: (cost) => ({ m: String(cost.memoryKiB), t: String(cost.passes), p: String(cost.lanes) }),
    isWeaker: (other) => other.memoryKiB < memoryKiB || other.passes < passes,
  })
}

/**
 * The cost in the PHC string of any argon2, or `null` if it is malformed or absurd. Hashes are of whole words: one of 31
 * bytes was cut by its column, and no password fits it any more.
 */
export function readArgon2Cost({ parameters: { m, t, p }, hash }: PhcHash): Argon2Cost | null {
  const cost = { memoryKiB: wholeNumber(m), passes: wholeNumber(t), lanes: wholeNumber(p) }
  return isSane(cost) && hash.length % 4 === 0 ? cost : null
}

function isSane({ memoryKiB, passes, lanes }: Argon2Cost): boolean {
  const whole = [memoryKiB, passes, lanes].every((value) => Number.isInteger(value) && value >= 1)
  return (
    whole &&
    lanes <= 16 &&
    memoryKiB >= 8 * lanes &&
    memoryKiB <= MAX_MEMORY_KIB &&
    memoryKiB * passes <= MAX_WORK_KIB
  )
}

interface NodeArgon2 {
  argon2?(
    algorithm: 'argon2id',
    parameters: {
      message: Uint8Array
      nonce: Uint8Array
      parallelism: number
      tagLength: number
      memory: number
      passes: number
    },
    done: (error: Error | null, key: Uint8Array) => void,
  ): void
}

/** The fastest Argon2id of this runtime. */
export function argon2Derive(
  native: NodeArgon2 | undefined = builtin<NodeArgon2>('node:crypto'),
): Derive<Argon2Cost> {
  if (!native?.argon2) return byNoble
  return (message, nonce, { memoryKiB, passes, lanes }, tagLength) =>
    new Promise((resolve, reject) => {
      const parameters = { message, nonce, parallelism: lanes, tagLength, memory: memoryKiB, passes }
      native.argon2?.('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key)))
    })
}

/** @noble/hashes, which gives the event loop a turn now and then. */
export const byNoble: Derive<Argon2Cost> = (password, salt, { memoryKiB, passes, lanes }, length) =>
  argon2idAsync(password, salt, { m: memoryKiB, t: passes, p: lanes, dkLen: length, version: VERSION })

/** The subset of `@node-rs/argon2` that we call. */
export interface NodeRsArgon2 {
  /** Derives the hash as bytes. */
  hashRaw(
    password: Uint8Array,
    options: {
      algorithm: number
      version: number
      salt: Uint8Array
      memoryCost: number
      timeCost: number
      parallelism: number
      outputLen: number
    },
  ): Promise<Uint8Array>
}

/** Argon2id by `@node-rs/argon2`, for `derive`: native, on a thread, prebuilt for every Node. */
export function nodeRsArgon2(module: NodeRsArgon2): Derive<Argon2Cost> {
  const [ARGON2ID, VERSION_0X13] = [2, 1]
  return (password, salt, { memoryKiB, passes, lanes }, length) =>
    module.hashRaw(password, {
      algorithm: ARGON2ID as number,
      version: VERSION_0X13 as number,
      salt,
      memoryCost: memoryKiB,
      timeCost: passes,
      parallelism: lanes,
      outputLen: length,
    })
}
