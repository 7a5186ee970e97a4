import { equalInConstantTime } from '../crypto/equal.ts'
import { randomBytes } from '../crypto/random.ts'
import { utf8 } from '../crypto/utf8.ts'
import { hashableText, isPasswordText } from './credential-text.ts'
import type { PasswordVerifier } from './password-verifier.ts'
import { formatPhc, type PhcHash, parsePhc } from './phc.ts'

/** Runs a KDF. Password and salt are bytes and must not be changed. */
export type Derive<Cost> = (
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  cost: Cost,
  length: number,
) => Promise<Uint8Array>

/** What one KDF is to a verifier. */
export interface Scheme<Cost> {
  readonly name: string
  readonly version?: number
  /** The cost for new hashes. */
  readonly cost: Cost
  /** The cost in a hash, or `null` when it is malformed or absurd: a stored hash must not be able to stop the server. */
  readCost(hash: PhcHash): Cost | null
  writeCost(cost: Cost): Record<string, string>
  /** Whether a hash of this cost should be made anew. */
  isWeaker(cost: Cost): boolean
  readonly derive: Derive<Cost>
}

const SALT_BYTES = 16
const HASH_BYTES = 32

/** Verifies and makes PHC strings of one scheme. */
export function phcVerifier<Cost>(scheme: Scheme<Cost>): Required<PasswordVerifier> {
  const read = (hashed: string): { readonly phc: PhcHash; readonly cost: Cost } | null => {
    const phc = parsePhc(hashed)
    const cost =
      phc && phc.scheme === scheme.name && phc.version === scheme.version ? scheme.readCost(phc) : null
    return phc && cost !== null ? { phc, cost } : null
  }
  const write = (salt: Uint8Array, hash: Uint8Array, stamp?: string): string =>
    formatPhc({
      scheme: scheme.name,
      ...(scheme.version === undefined ? {} : { version: scheme.version }),
      parameters: { ...scheme.writeCost(scheme.cost), ...(stamp === undefined ? {} : { stamp }) },
      salt: salt.slice(),
      hash: hash.slice(),
    })
  const isRight = async (text: string, hashed: string): Promise<boolean> => {
    const known = isPasswordText(text) ? read(hashed) : null
    if (!known) return false
    const { phc, cost } = known
    const derived = await scheme.derive(utf8(text), phc.salt, cost, phc.hash.length)
    return equalInConstantTime(derived, phc.hash)
  }
  let dummy: string | undefined
  return {
    // Drawn at first use: Workers forbid randomness at start-up.
    get dummyHash() {
      dummy ??= write(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))
      return dummy
    },
    canVerify: (hashed) => read(hashed) !== null,
    needsRehash(hashed) {
      const known = read(hashed)
      return known === null || scheme.isWeaker(known.cost)
    },
    verify: async (plain, hashed) => isPasswordText(plain) && isRight(plain.normalize('NFC'), hashed),
    verifyAsTyped: isRight,
    async hash(plain, { stamp } = {}) {
      const text = hashableText(plain)
      const salt = randomBytes(SALT_BYTES)
      const derived = await scheme.derive(utf8(text), salt, scheme.cost, HASH_BYTES)
      return write(salt, derived, stamp)
    },
  }
}
